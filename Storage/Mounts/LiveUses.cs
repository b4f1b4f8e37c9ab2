using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What uses a volume on this host now, whatever was recorded of it.</summary>
internal static class LiveUses
{
    /// <summary>The mounts in all mount namespaces, the holds, and what processes use through detached mounts: of the volume, and of the
    /// snapshots that <paramref name="recorded"/> names; and what <see cref="ThroughAnother"/> finds, which alone has root directories. An
    /// error (75) if that cannot be examined.</summary>
    public static IReadOnlyList<HostUse> Of(Context context, IVolumeStore store, VolumeName name, IReadOnlyList<HostUse> recorded)
    {
        var mounts = new KvolMounts(store, []);
        var path = store.ContentPath(name);
        List<HostUse> found =
        [
            .. ThroughAnother(store, name, recorded),
            .. mounts.UsesOf(name, path).Select(Use),
            .. Holds.Of(context.Configuration, store, name).Select(h => h.Volume.UseOf(h.Hold)),
        ];
        foreach (var snapshot in path is null ? [] : recorded.Select(u => u.Snapshot).Append(null).Distinct())
        {
            // A process may write through a mount that is in no table.
            var stray = new HostUse(null, null, path!.ToString(), null, IsReadOnly: snapshot is not null) { Snapshot = snapshot };
            if (!found.Exists(u => u.Covers(stray)) && StraysOf(mounts, store, name, snapshot).Count > 0)
            {
                found.Add(stray);
            }
        }

        return found;
    }

    /// <summary>The recorded mounts that are still at their places, and that the store does not know as its own, because its file system
    /// was mounted again since, from another address or with other options: they are of another file system to the kernel.</summary>
    public static IReadOnlyList<HostUse> ThroughAnother(IVolumeStore store, VolumeName name, IReadOnlyList<HostUse> recorded)
    {
        if (recorded.All(u => u.Holder is not null) || store.ContentPath(name) is null)
        {
            return [];
        }

        var table = MountTable.Read();
        using var volume = store.OpenRemovable(name);
        var own = table.OriginOf(volume);
        return [.. recorded.Where(u => u.Holder is null && table.Entries.Any(e => IsOfNetwork(e) && e.Target.Is(u.Path)
            && !e.Origin.IsAtOrBelow(own) && Shows(e.Origin, name, u.Snapshot)))];
    }

    // On FreeBSD, what shows a part of a network file system is a nullfs.
    private static bool IsOfNetwork(MountEntry entry) => entry.FileSystem is "nfs" or "nfs4" || entry.FileSystem == Host.BindType;

    private static bool Shows(ByteString origin, VolumeName name, string? snapshot) => $"{origin}/".Contains(
        snapshot is null ? $"/volumes/{name}/data/" : $"/volumes/{name}/snapshots/{snapshot}/data/", StringComparison.Ordinal);

    private static IReadOnlyList<HeldObject> StraysOf(KvolMounts mounts, IVolumeStore store, VolumeName name, string? snapshot) =>
        snapshot is null ? VolumeUses.StraysOf(mounts, store, name, evenSnapshots: false)
            : SnapshotUses.StraysOf(mounts, store, new SnapshotName(name, snapshot));

    private static HostUse Use(VolumeUse use) =>
        new(null, null, use.Entry.Target.ToString(), null, use.IsReadOnly) { Snapshot = use.Snapshot?.Name };
}
