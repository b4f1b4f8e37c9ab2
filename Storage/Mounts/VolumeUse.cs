using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Whether a volume is mounted, in any mount namespace that can be seen.</summary>
internal static class VolumeUse
{
    public static IReadOnlyList<(MountEntry Entry, bool Elsewhere)> Find(IVolumeStore store, VolumeName name) =>
        new KvolMounts(store, []).UsesOf(name, store.ContentPath(name));
}

/// <summary>Removes a volume only when nothing uses it. The caller holds its lock.</summary>
internal static class VolumeRemoval
{
    public static void RemoveUnused(IVolumeStore store, VolumeName name, bool force)
    {
        if (VolumeUse.Find(store, name) is { Count: > 0 } uses)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"is mounted on {KvolMounts.Describe(uses)}; umount it first");
        }

        store.Remove(name, force);
    }

    /// <summary>Unmounts kvol's mounts of a volume in this namespace, the last one first, never by force.</summary>
    public static void UnmountAll(IVolumeStore store, VolumeName name, IEnumerable<RunRecord> records)
    {
        var mounts = new List<KvolMount>(new KvolMounts(store, records).All);
        for (var i = mounts.Count - 1; i >= 0; i--)
        {
            if (mounts[i].Volume == name)
            {
                Unmounting.One(mounts[i].Entry, force: false);
            }
        }
    }
}
