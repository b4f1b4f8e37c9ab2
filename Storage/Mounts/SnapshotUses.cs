using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What shows snapshots, in all mount namespaces. A kernel need not refuse to remove a snapshot that is mounted: to that of a
/// directory store it is a directory, and on FreeBSD ZFS unmounts it by force (zfsctl_snapshot_unmount() of
/// module/os/freebsd/zfs/zfs_ctldir.c).</summary>
internal static class SnapshotUses
{
    /// <summary>The mounts of a volume's snapshots; an error (75) if a namespace cannot be examined. What ZFS mounts in a directory .zfs
    /// when somebody looks there is not among them: it gives way.</summary>
    public static IReadOnlyList<VolumeUse> Find(KvolMounts mounts, VolumeName name) =>
        [.. mounts.UsesOf(name, contentPath: null).Where(u => u.Snapshot is { } snapshot
            && !u.Entry.Target.ToString().EndsWith($"/.zfs/snapshot/{snapshot.Name}", StringComparison.Ordinal))];

    /// <summary>Throws an error (75) that lists where one of the snapshots is mounted, and says how to unmount it; or which process uses
    /// it through a mount that was detached from its mount point.</summary>
    public static void RequireNone(Context context, IVolumeStore store, IEnumerable<SnapshotName> snapshots)
    {
        var mounts = new KvolMounts(store, []);
        foreach (var ofOne in snapshots.GroupBy(s => s.Volume))
        {
            var mounted = Find(mounts, ofOne.Key).ToLookup(u => u.Snapshot!);
            foreach (var snapshot in ofOne)
            {
                HostUsage.RequireNone(store, snapshot);
                if (!mounted.Contains(snapshot))
                {
                    continue;
                }

                VolumeUse[] uses = [.. mounted[snapshot]];
                throw Refusals.InUse(snapshot.ToString(), "is mounted", uses, VolumeUses.CommandsFor(context, uses));
            }

            foreach (var snapshot in ofOne)
            {
                RequireNoStrays(mounts, store, snapshot);
            }
        }
    }

    /// <summary>Throws an error (75) that names the processes which use a snapshot through a mount that is in no table.</summary>
    public static void RequireNoStrays(KvolMounts mounts, IVolumeStore store, SnapshotName snapshot)
    {
        if (StraysOf(mounts, store, snapshot) is { Count: > 0 } strays)
        {
            throw VolumeUses.Strays(snapshot.ToString(), strays);
        }
    }

    /// <summary>What processes use of a snapshot through mounts that are in no table.</summary>
    public static IReadOnlyList<HeldObject> StraysOf(KvolMounts mounts, IVolumeStore store, SnapshotName snapshot)
    {
        using var content = TryOpen(store, snapshot);
        return content.IsOpen ? mounts.StraysWithin(content) : [];
    }

    private static Fd TryOpen(IVolumeStore store, SnapshotName snapshot)
    {
        try
        {
            return store.OpenRemovable(snapshot);
        }
        catch (KvolException e) when (e.Status == ExitStatus.NoInput)
        {
            return Fd.None; // a damaged snapshot, or one that is gone: the removal says it
        }
    }
}
