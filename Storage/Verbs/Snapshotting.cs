using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol snapshot</c>, <c>rollback</c>, <c>ls -t snapshot</c> and <c>rm VOL@NAME</c>.</summary>
internal static class Snapshotting
{
    /// <summary>Makes snapshots, all or none. A ZFS store makes them atomically, a directory store one after the other.
    /// With <paramref name="details"/>, each is looked at once more for what the store knows only now.</summary>
    public static IReadOnlyList<SnapshotInfo> Make(Context context, SnapshotChoice choice, bool details)
    {
        using var volumes = OpenedVolumes.Existing(context, store => ChosenVolumes.Of(context, store, choice),
            choice.Named is [var first, ..] ? Refusals.NoSuchVolume(first.Volume) : ChosenVolumes.None(choice));
        var named = choice.Named.ToDictionary(s => s.Volume);
        var snapshots = volumes.All.Select(v => named.GetValueOrDefault(v.Name) ?? choice.Of(v.Name)).ToArray();
        var group = choice.IsGroup ? SnapshotGroup.Of(snapshots, choice.Jail) : null;
        var made = Failures.Name(volumes.Names, () =>
            volumes.Store.Snapshot(snapshots, group, context, () => WarnOfWriters(context, volumes.All)));
        return [.. made.Select(m =>
        {
            var lost = volumes.Store.LeftOut(m.Name.Volume);
            Losses.Tell(context, m.Name.Volume, lost, "'--json'");
            return ((details ? volumes.Store.Find(m.Name) : null) ?? m) with { NotKept = lost };
        })];
    }

    /// <summary>Warns that the snapshots of several volumes are not atomic, because these are mounted writable.</summary>
    public static void WarnOfWriters(Context context, IReadOnlyList<OpenedVolume> volumes)
    {
        if (volumes is [var only])
        {
            only.WarnOfWriters("snapshot");
        }
        else if (volumes.Where(v => v.Writers().Count > 0).Select(v => v.Name.Text).ToArray() is { Length: > 0 } writable)
        {
            context.Warn($"the snapshots are not atomic, because these volumes are mounted writable: {string.Join(", ", writable)}");
        }
    }

    /// <summary>Removes a snapshot.</summary>
    public static void Remove(Context context, SnapshotName snapshot)
    {
        using var volume = OpenedVolume.Existing(context, snapshot.Volume);
        volume.RequireUnread();
        SnapshotUses.RequireNone(context, volume.Store, [snapshot]);
        Failures.Name(snapshot.Volume.Text, () => volume.Store.RemoveSnapshots([snapshot]));
    }

    /// <summary>Removes the snapshots of a group, all or none. Snapshots that were removed before are not an error.</summary>
    public static IReadOnlyList<SnapshotName> Remove(Context context, GroupChoice choice)
    {
        using var group = OpenedGroup.Open(context, choice);
        foreach (var volume in group.Volumes.All)
        {
            volume.RequireUnread();
        }

        SnapshotUses.RequireNone(context, group.Volumes.Store, group.Snapshots);
        Failures.Name(group.Volumes.Names, () => group.Volumes.Store.RemoveSnapshots(group.Snapshots));
        return group.Snapshots;
    }

    /// <summary>One snapshot; an error (66) if it does not exist.</summary>
    public static SnapshotInfo Inspect(Context context, SnapshotName name) => OpenedVolume.Look(context, name.Volume, (store, _) =>
        store.Find(name) ?? throw Refusals.NoSuchSnapshot(name));

    /// <summary>The snapshots of some volumes, or of all if none is named.</summary>
    public static IReadOnlyList<SnapshotInfo> List(Context context, IReadOnlyList<VolumeName> names, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is null)
        {
            return names.Count == 0 ? [] : throw Refusals.NoSuchVolume(names[0]);
        }

        var all = new List<SnapshotInfo>();
        foreach (var name in names.Count > 0 ? names
            : [.. store.List(damaged).OfType<Volume>().Select(v => v.Name)])
        {
            try
            {
                _ = store.Find(name) ?? throw Refusals.NoSuchVolume(name);
                all.AddRange(store.Snapshots(name));
            }
            catch (KvolException e) when (e.Status == ExitStatus.Damaged)
            {
                damaged(e);
            }
        }

        return all;
    }

    /// <summary>Rolls back to a snapshot. Fails if newer snapshots exist, unless <paramref name="destroyNewer"/>; returns those that were
    /// destroyed. With <paramref name="evenMounted"/>, the volume may be mounted if the store supports that.</summary>
    public static IReadOnlyList<SnapshotName> Rollback(Context context, SnapshotName snapshot, bool destroyNewer, bool evenMounted)
    {
        using var volume = OpenedVolume.Existing(context, snapshot.Volume);
        return Failures.Name(snapshot.Volume.Text, () => Rollback(context, [volume], [snapshot], destroyNewer, evenMounted));
    }

    /// <summary>The same for all volumes of a group, all or none. Returns the snapshots of the group too.</summary>
    public static (IReadOnlyList<SnapshotName> To, IReadOnlyList<SnapshotName> Destroyed) Rollback(Context context, GroupChoice choice,
        bool destroyNewer)
    {
        using var group = OpenedGroup.Open(context, choice);
        group.RequireComplete("rolled back", s => $"kvol rollback {s}");
        return (group.Snapshots, Failures.Name(group.Volumes.Names, () =>
            Rollback(context, group.Volumes.All, group.Snapshots, destroyNewer, evenMounted: false)));
    }

    private static IReadOnlyList<SnapshotName> Rollback(Context context, IReadOnlyList<OpenedVolume> volumes,
        IReadOnlyList<SnapshotName> snapshots, bool destroyNewer, bool evenMounted)
    {
        var steps = volumes.Zip(snapshots, (volume, snapshot) =>
        {
            var all = volume.Store.Snapshots(volume.Name).ToList();
            var at = all.FindIndex(s => s.Name == snapshot);
            if (at < 0)
            {
                throw Refusals.NoSuchSnapshot(snapshot);
            }

            volume.RequireUnread();
            if (!evenMounted || !volume.Store.RollsBackMounted)
            {
                volume.RequireUnmounted(evenSnapshots: false);
            }

            var newer = all.Skip(at + 1).Select(s => s.Name).Reverse().ToArray();
            if (destroyNewer)
            {
                SnapshotUses.RequireNone(context, volume.Store, newer);
            }

            return newer.Length == 0 || destroyNewer ? new RollbackStep(snapshot, newer)
                : throw new KvolException(ExitStatus.Busy, snapshot.ToString(),
                    $"newer snapshots exist: {string.Join(", ", newer.Reverse().Select(n => n.Name))}; -r destroys them");
        }).ToArray();
        var store = volumes[0].Store;
        var keep = context.Configuration.Trash is { } time && store.KeepsRollbacks ? Deleting.Record(time) : null;
        var kept = store.Rollback(steps, keep, context);
        SayWhatWas(context, steps, kept);
        return [.. steps.SelectMany(s => s.Newer)];
    }

    private static void SayWhatWas(Context context, IReadOnlyList<RollbackStep> steps, IReadOnlyList<DeletedVolume> kept)
    {
        var to = string.Join(", ", steps.Select(s => s.To));
        var newer = steps.SelectMany(s => s.Newer).ToArray();
        if (kept.Count > 0)
        {
            WayBack.Say(context, $"{to}: what was there before is kept until {Timestamp.Local(kept[0].Deletion.Until)}; to bring it back",
                "undelete", kept.Select(k => k.Id));
        }
        else
        {
            context.Hint($"{to}: what was written since is lost" + (newer.Length == 0 ? ""
                : $", and so are the newer snapshots {string.Join(", ", newer.Select(n => n.ToString()))}"));
        }
    }
}
