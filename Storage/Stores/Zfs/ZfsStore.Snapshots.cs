using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A volume's snapshots are those of its dataset, whoever made them. kvol's temporary snapshots have special names: an export
/// holds its snapshot until it ends, a clone's stays as long as the clone depends on it, and the next gc destroys what a crash
/// leaves.</summary>
internal sealed partial class ZfsStore
{
    private const string ForExport = "kvol-export-", ForClone = "kvol-clone-";

    private readonly HashSet<string> withLeftovers = [];

    public bool RollsBackMounted => true;

    public IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name) =>
        [.. zfs.Snapshots(volumes.Child(name.Text).Text).Where(s => !IsForExport(NameOf(s))).Select(s => Info(name, s))];

    // One call, however many others the volume has.
    public SnapshotInfo? Find(SnapshotName name) =>
        !IsForExport(name.Name) && zfs.Find(DatasetOf(name)) is { } found ? Info(name.Volume, found) : null;

    public string? CannotSnapshot => null;

    public IReadOnlyList<SnapshotInfo> Snapshot(IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Context context,
        Action readsLive, SnapshotPeriod? policy)
    {
        RefuseTemporary(snapshots);
        Take(snapshots, group, policy);
        return SnapshotInfo.Taken(snapshots, group, policy);
    }

    private static void RefuseTemporary(IReadOnlyList<SnapshotName> snapshots)
    {
        if (snapshots.FirstOrDefault(s => IsTemporary(s.Name)) is { } temporary)
        {
            throw new KvolException(ExitStatus.Usage, temporary.ToString(),
                $"names that begin with {ForExport} or {ForClone} are kvol's own; choose another name");
        }
    }

    public void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots) =>
        Destroy(RequireFree(snapshots).Select(s => s.Name), DatasetOf(snapshots[0]));

    // ZFS could keep the present content only as a snapshot, which would be newer than the one that the rollback is to.
    public bool KeepsRollbacks => false;

    public DeletedVolume Return(DeletedVolume deleted, DeletionRecord keep, Context context) =>
        throw new KvolException(ExitStatus.Unavailable, deleted.Name.Text, "a ZFS store keeps nothing of a rollback");

    public IReadOnlyList<DeletedVolume> Rollback(IReadOnlyList<RollbackStep> steps, DeletionRecord? keep, Context context)
    {
        foreach (var step in steps)
        {
            RequireWhole(step.To);
            RequireFree(step.Newer);
        }

        string[] bookmarks = [.. steps.SelectMany(s => NewerBookmarks(s.To))];

        foreach (var step in steps)
        {
            ClearLeftovers(volumes.Child(step.To.Volume.Text).Text);
        }

        if (steps.Count > 1)
        {
            RollbackTogether(steps, bookmarks);
            return [];
        }

        var (snapshot, newer) = steps[0];
        if (newer.Count > 0)
        {
            RemoveSnapshots(newer);
        }

        var dataset = volumes.Child(snapshot.Volume.Text).Text;
        try
        {
            DestroyBookmarks(bookmarks);
            zfs.Core.Rollback(dataset, DatasetOf(snapshot));
        }
        catch (NativeException e)
        {
            throw e.Failure switch
            {
                Failure.Exists => NewerExists(snapshot.ToString(), dataset),
                Failure.Gone => Refusals.NoSuchSnapshot(snapshot),
                _ => ZfsErrors.Other(dataset, e),
            };
        }

        return [];
    }

    public SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context, Action readsLive)
    {
        MountAbove();
        var dataset = volumes.Child(to.Text);
        if (snapshot is not null)
        {
            RequireWhole(snapshot);
        }

        var taken = snapshot is null ? Take(Temporary(name, ForClone)) : null;
        SeedRecord seed;
        try
        {
            var origin = taken ?? Require(snapshot!).Name;
            seed = new SeedRecord(snapshot?.ToString()
                ?? name.Text, DateTimeOffset.UtcNow, 0, (long)(zfs.Find(origin)!.Number("referenced") ?? 0), LeftOut(name));
            ZfsVolume.Clone(zfs, dataset, origin, wanted, seed);
        }
        finally
        {
            if (taken is not null)
            {
                Destroy([taken], taken, defer: true); // ZFS destroys it with the clone
            }
        }

        mounts.MountIfMeant(zfs.Find(dataset)!);
        return seed;
    }

    public void Promote(VolumeName name)
    {
        var dataset = volumes.Child(name.Text).Text;
        try
        {
            zfs.Core.Promote(dataset);
        }
        catch (NativeException e)
        {
            throw e.Failure switch
            {
                Failure.Exists => new KvolException(ExitStatus.CannotCreate, name.Text,
                    "its origin has a snapshot of the same name as one of its own; remove one of them"),
                Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, name.Text,
                    "a quota above it is too small for the snapshots that it would take over"),
                _ => ZfsErrors.Other(dataset, e),
            };
        }
    }

    public VolumeView OpenView(VolumeName name, SnapshotName? snapshot)
    {
        using var home = OpenTop(name);
        var (origin, release) = HoldSnapshot(name, snapshot);
        try
        {
            var directory = KernelMounts.OpenSnapshot(new ByteString(origin), home, out var mount, out _);
            return new VolumeView(directory, IsInstant: true, () =>
            {
                mount.Dispose();
                release();
            });
        }
        catch (NativeException e)
        {
            release();
            throw ZfsErrors.Mounting(origin, e);
        }
    }

    public IReadOnlyList<string> LeftOut(VolumeName name)
    {
        var lines = new List<string>();
        Add(volumes.Child(name.Text).Text);
        return lines;

        void Add(string dataset)
        {
            foreach (var child in ZfsErrors.Reading(dataset, () => zfs.Device.Children(dataset, (_, _) => { }).ToArray()))
            {
                lines.Add($"{child.Name[(volumes.Text.Length + name.Text.Length + 2)..]}: is a dataset of its own ({child.Name}), so "
                    + "its content is not included");
                Add(child.Name);
            }
        }
    }

    /// <summary>A named snapshot, or a new temporary one if none is named, that stays until it is released or this process ends.</summary>
    private (string Snapshot, Action Release) HoldSnapshot(VolumeName name, SnapshotName? snapshot)
    {
        if (snapshot is not null)
        {
            RequireWhole(snapshot);
        }

        var taken = snapshot is null ? Take(Temporary(name, ForExport)) : null;
        try
        {
            var origin = taken ?? Require(snapshot!).Name;
            var hold = ZfsErrors.Reading(origin, () => zfs.Core.Hold(origin, $"kvol-export:{Environment.ProcessId}"));
            return (origin, () =>
            {
                hold.Dispose();
                if (taken is not null)
                {
                    DestroyTemporary(taken);
                }
            }
            );
        }
        catch when (taken is not null)
        {
            DestroyTemporary(taken);
            throw;
        }
    }

    /// <summary>Destroys kvol's temporary snapshots that crashes left. Those of a running kvol are held, or their volume is
    /// locked.</summary>
    private void ClearLeftovers(string dataset)
    {
        if (zfs.Snapshots(dataset).Where(IsLeftover).Select(s => s.Name).ToArray() is { Length: > 0 } left)
        {
            Destroy(left, dataset);
        }
    }

    /// <summary>Whether this is the name of a temporary snapshot of kvol's.</summary>
    internal static bool IsTemporary(string name) => IsForExport(name) || name.StartsWith(ForClone, StringComparison.Ordinal);

    private static bool IsForExport(string name) => name.StartsWith(ForExport, StringComparison.Ordinal);

    private static bool IsLeftover(DatasetStats snapshot) =>
        IsTemporary(NameOf(snapshot)) && snapshot.Clones == 0 && snapshot.Number("userrefs") is null or 0;

    private static SnapshotName Temporary(VolumeName name, string prefix) => new(name, prefix + RandomHex.Of(12));

    /// <summary>The part after the <c>@</c>.</summary>
    internal static string NameOf(DatasetStats snapshot) => snapshot.Name[(snapshot.Name.IndexOf('@', StringComparison.Ordinal) + 1)..];

    private static SnapshotInfo Info(VolumeName name, DatasetStats snapshot) => new(
        new SnapshotName(name, NameOf(snapshot)), DateTimeOffset.FromUnixTimeSeconds((long)(snapshot.Number("creation") ?? 0)),
            (long?)snapshot.Number("referenced"), Group: GroupProperties.Read(snapshot),
            Policy: snapshot.Local(ZfsVolume.TakenProperty), IsInUse: snapshot.Clones > 0 || snapshot.Number("userrefs") is > 0,
            Guid: snapshot.Guid);

    private string DatasetOf(SnapshotName snapshot) => $"{volumes}/{snapshot}";

    private DatasetStats Require(SnapshotName snapshot) =>
        zfs.Find(DatasetOf(snapshot)) ?? throw Refusals.NoSuchSnapshot(snapshot);

    /// <summary>An error (65) for a snapshot that others took while the volume was being seeded: it has neither the empty volume nor the
    /// whole content.</summary>
    private void RequireWhole(SnapshotName snapshot)
    {
        var dataset = Stats(snapshot.Volume) ?? throw Refusals.NoSuchVolume(snapshot.Volume);
        var origin = Require(snapshot).Name;
        if (Mountpoint.Refusal(dataset) is not null)
        {
            return; // it cannot be seen now; what comes of it heals when it is
        }

        try
        {
            using var home = OpenTop(snapshot.Volume);
            using var directory = KernelMounts.OpenSnapshot(new ByteString(origin), home, out var mount, out _);
            using (mount)
            {
                if (new SeedingTraces(zfs, dataset).Find(directory) is not null)
                {
                    throw new KvolException(ExitStatus.Damaged, snapshot.ToString(),
                        $"was taken while {snapshot.Volume} was being seeded, so its content is not complete; name another one");
                }
            }
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Mounting(origin, e);
        }
    }

    private string Take(SnapshotName snapshot)
    {
        Take([snapshot], null);
        return DatasetOf(snapshot);
    }

    private void Destroy(IEnumerable<string> snapshots, string subject, bool defer = false)
    {
        try
        {
            zfs.Core.DestroySnapshots(snapshots, subject, defer);
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Destroying(subject, e);
        }
    }
}
