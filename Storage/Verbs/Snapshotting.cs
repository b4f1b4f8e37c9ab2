using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol snapshot</c>, <c>rollback</c>, <c>ls -t snapshot</c> and <c>rm VOL@NAME</c>.</summary>
internal static class Snapshotting
{
    /// <summary>Makes a snapshot; if only a volume was named, the snapshot's name is the current time.</summary>
    public static SnapshotInfo Make(Context context, string text)
    {
        var (name, given) = SnapshotName.ParseEither(text);
        var snapshot = given ?? SnapshotName.OfNow(name);
        return Locked(context, name, volume =>
        {
            var made = volume.Store.Snapshot(snapshot, context, () => volume.WarnOfWriters("snapshot"));
            var lost = volume.Store.LeftOut(name);
            Losses.Tell(context, name, lost, "'--json'");
            return made with { NotKept = lost };
        });
    }

    public static void Remove(Context context, SnapshotName snapshot) => Locked(context, snapshot.Volume, volume =>
    {
        volume.RequireUnread();
        volume.Store.RemoveSnapshots([snapshot]);
        return 0;
    });

    /// <summary>The snapshots of some volumes, or of all if none is named.</summary>
    public static IReadOnlyList<SnapshotInfo> List(Context context, IReadOnlyList<VolumeName> names, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn);
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

    /// <summary>Rolls back to a snapshot. Fails if newer snapshots exist, unless <paramref name="destroyNewer"/>: then
    /// <paramref name="tell"/> receives their names and they are destroyed. With <paramref name="evenMounted"/>, the volume may be mounted
    /// if the store supports that.</summary>
    public static void Rollback(Context context, SnapshotName snapshot, bool destroyNewer, bool evenMounted, Action<string> tell) =>
        Locked(context, snapshot.Volume, volume =>
    {
        var all = volume.Store.Snapshots(snapshot.Volume).ToList();
        var at = all.FindIndex(s => s.Name == snapshot);
        if (at < 0)
        {
            throw Refusals.NoSuchSnapshot(snapshot);
        }

        volume.RequireUnread();
        if (!evenMounted || !volume.Store.RollsBackMounted)
        {
            volume.RequireUnmounted();
        }

        var newer = all.Skip(at + 1).Select(s => s.Name).ToArray();
        if (newer.Length > 0 && !destroyNewer)
        {
            throw new KvolException(ExitStatus.Busy, snapshot.ToString(),
                $"newer snapshots exist: {string.Join(", ", newer.Select(n => n.Name))}; -r destroys them");
        }

        if (newer.Length > 0)
        {
            Array.Reverse(newer);
            Array.ForEach(newer, n => tell(n.ToString()));
            volume.Store.RemoveSnapshots(newer);
        }

        volume.Store.Rollback(snapshot, context);
        return 0;
    });

    private static T Locked<T>(Context context, VolumeName name, Func<OpenedVolume, T> action)
    {
        using var volume = OpenedVolume.Existing(context, name);
        return Failures.Name(name.Text, () => action(volume));
    }
}
