using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Operations on content that are the same for the volumes of every store.</summary>
internal static class VolumeContent
{
    /// <summary>Whether a volume contains nothing but mount points that kvol made.</summary>
    public static bool IsEmpty(IVolumeStore store, VolumeName name)
    {
        using var top = store.OpenTop(name);
        return Emptiness.FirstForeignIn(top, () => store.OpenRecords(create: false)) is null;
    }

    /// <summary>Gives an empty volume the owner and mode of the directory that it covers, for the last time: those that
    /// <paramref name="takes"/> names (<see cref="Volume.Takes"/>) and no user has set. Null means both, because this command made the
    /// volume.</summary>
    public static void TakeOwner(IVolumeStore store, VolumeName name, in FileStatus from, TopParts? takes)
    {
        using var top = store.OpenTop(name);
        if (takes is not { } parts)
        {
            VolumeTop.SetOwner(top, from.Uid, from.Gid, from.Mode);
            return;
        }

        VolumeTop.Take(top, Files.Status(top), from, parts);
        store.EndTaking(name);
    }
}
