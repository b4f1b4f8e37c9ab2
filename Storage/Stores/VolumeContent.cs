using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>What is the same of every store's volumes.</summary>
internal static class VolumeContent
{
    /// <summary>Whether a volume holds nothing but mount points that kvol made.</summary>
    public static bool IsEmpty(this IVolumeStore store, VolumeName name)
    {
        using var top = store.OpenTop(name);
        return Emptiness.FirstForeignIn(top, () => store.OpenRecords(create: false)) is null;
    }

    /// <summary>Gives an empty volume the owner and mode of what it covers: what <paramref name="takes"/> says (<see cref="Volume.Takes"/>)
    /// and nobody chose, for the last time; both where that is null, because this command made it.</summary>
    public static void TakeOwner(this IVolumeStore store, VolumeName name, in FileStatus from, TopParts? takes)
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
