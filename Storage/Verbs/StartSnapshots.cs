using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>attach --snapshot</c>: one group of snapshots of the volumes that already exist, before anything is mounted.</summary>
internal sealed class StartSnapshots
{
    private readonly SnapshotGroup group;

    private StartSnapshots(IReadOnlyList<SnapshotName> names, SnapshotGroup group) => (Names, this.group) = (names, group);

    /// <summary>What was taken.</summary>
    public IReadOnlyList<SnapshotName> Names { get; }

    /// <summary>Takes them all or none; null if none of the volumes exists. Their locks are held. An error (75) if there is no room for
    /// them.</summary>
    public static StartSnapshots? Take(RootSession session, IEnumerable<VolumeName> names, string? jail)
    {
        var store = session.Store!;
        VolumeName[] existing = [.. VolumeLocks.InOrder(names).Where(n => store.Find(n) is not null)];
        if (existing.Length == 0)
        {
            return null;
        }

        var policy = jail is null ? null : SnapshotPeriod.Attach; // which may say how many of them are kept
        var now = DateTimeOffset.UtcNow;
        var name = FreeName(policy?.NameAt(now) ?? $"mount-{Timestamp.Minute(now)}",
            existing.SelectMany(n => store.Snapshots(n)).Select(s => s.Name.Name).ToHashSet());
        SnapshotName[] snapshots = [.. existing.Select(n => new SnapshotName(n, name))];
        var group = SnapshotGroup.Of(snapshots, jail);
        try
        {
            store.Snapshot(snapshots, group, session.Context, () => Snapshotting.WarnOfWriters(
                session.Context, [.. existing.Select(n => OpenedVolume.In(session.Context, store, n))]), policy);
        }
        catch (NativeException e) when (e.Failure == Failure.NoSpace)
        {
            throw NoRoom(name, e.Reason);
        }
        catch (KvolException e) when (e.Status == ExitStatus.CannotCreate)
        {
            throw NoRoom(name, e.Message);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Unavailable)
        {
            throw e.With("leave out --snapshot to mount without a way back");
        }

        return new StartSnapshots(snapshots, group);
    }

    /// <summary>Says how to return to them.</summary>
    public void SayWayBack(Context context)
    {
        var name = Names[0].Name; // all have it
        if (group.Jail is not { } jail)
        {
            WayBack.Say(context, $"{name}: to return to it when the volumes are mounted nowhere", "rollback", "--group", group.Id);
        }
        else
        {
            WayBack.Say(context, $"{name}: to return to it when {jail} is detached", "rollback", "--jail", jail, "--to", name);
        }
    }

    private static string FreeName(string name, HashSet<string> taken)
    {
        var free = name;
        for (var i = 2; taken.Contains(free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        }

        return free;
    }

    private static KvolException NoRoom(string name, string reason) => new(ExitStatus.Busy, name,
        $"there is no room for the snapshots, so nothing was mounted ({reason}); free space, or leave out --snapshot");
}
