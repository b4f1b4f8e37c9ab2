using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Snapshots of a directory store: <c>volumes/NAME/snapshots/SNAPSHOT/data</c> is a tree that shares its blocks with the volume's,
/// so the file system must support block cloning.</summary>
internal sealed partial class DirectoryStore
{
    /// <summary>The file that says when a snapshot was taken, and with which others.</summary>
    public const string SnapshotFile = "snapshot.json";

    private const string SnapshotsName = "snapshots";

    // A sibling of data. There is at most one, because its maker holds the volume's lock.
    private static readonly ByteString NewSnapshot = new(".new-snapshot"), GoneSnapshot = new(".gone-snapshot");

    public IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name)
    {
        var list = new List<SnapshotInfo>();
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var snapshots = OwnDirectory.Open(volume, SnapshotsName, upkeep, create: false);
        if (!snapshots.IsOpen)
        {
            return list;
        }

        // A step of a group counts from its commit on. What the step moves is looked for first in its old place, so that it is not missed.
        var step = CommittedStep(volume);
        if (step?.Takes is { } taken && Files.Exists(volume, NewSnapshot))
        {
            try
            {
                list.Add(ReadSnapshot(volume, NewSnapshot, new SnapshotName(name, taken)));
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                // it has its name now
            }
        }

        var known = list.Select(s => s.Name.Name).Concat(step?.Removes ?? []).ToHashSet();
        foreach (var entry in Entries(snapshots).Where(e => VolumeName.IsValid(e.ToString()) && !known.Contains(e.ToString())))
        {
            list.Add(ReadSnapshot(snapshots, entry, new SnapshotName(name, entry.ToString())));
        }

        return [.. list.OrderBy(s => s.Created).ThenBy(s => s.Name.Name, StringComparer.Ordinal)];
    }

    private static SnapshotInfo ReadSnapshot(Fd directory, ByteString entry, SnapshotName name)
    {
        var file = new ByteString(SnapshotFile);
        using var snapshot = Files.OpenDirectory(directory, entry);
        using var json = StateFile.Read(snapshot, SnapshotFile) ?? throw StateFile.Damaged(snapshot, file, "is missing");
        return new SnapshotInfo(name, StateFile.Get(json.RootElement, "created", v => v.GetDateTimeOffset(), snapshot, file), null,
            Group: StateFile.Find(json.RootElement, "group", GroupJson.Read, snapshot, file),
            Policy: StateFile.Find(json.RootElement, "policy", v => v.Text(), snapshot, file));
    }

    // Whatever reads the volume reports file systems mounted inside.
    public IReadOnlyList<string> LeftOut(VolumeName name) => [];

    public string? CannotSnapshot => Shared is not null
        ? "NFS cannot exchange two names, so nothing could be rolled back to a snapshot; take snapshots at the server, or keep the store "
            + "in ZFS: kvol init POOL/DATASET"
        : CloneProbe.Works(volumes) ? null
        : "this file system cannot share blocks, so a snapshot would be a full copy; keep the store "
            + (Content.CanClone ? "on XFS or btrfs, or " : "") + "in ZFS: kvol init POOL/DATASET";

    public IReadOnlyList<SnapshotInfo> Snapshot(IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Context context,
        Action readsLive, SnapshotPeriod? policy)
    {
        RequireCloning(snapshots[0]);
        foreach (var snapshot in snapshots)
        {
            using var existing = OpenSnapshots(snapshot.Volume, create: false);
            if (existing.IsOpen && Files.Exists(existing, snapshot.Bytes))
            {
                throw Refusals.Taken(snapshot.ToString());
            }
        }

        readsLive();
        var made = SnapshotInfo.Taken(snapshots, group, policy);
        Apply(made, m => m.Name.Volume, (volume, info) =>
        {
            OwnDirectory.Open(volume, SnapshotsName, upkeep).Dispose();
            Files.MakeDirectory(volume, NewSnapshot, Permissions.OwnerOnly);
            using var directory = Files.OpenDirectory(volume, NewSnapshot);
            Attributes.RemoveInheritedAcl(directory);
            using var data = Files.OpenDirectory(volume, Data);
            CloneInto(data, directory, Data, context, info.Name.Volume);
            StateFile.WriteNew(directory, new ByteString(SnapshotFile), json =>
            {
                json.WriteStartObject();
                json.WriteString("created", Timestamp.Text(info.Created));
                if (info.Policy is not null)
                {
                    json.WriteString("policy", info.Policy);
                }

                if (info.Group is not null)
                {
                    json.WritePropertyName("group");
                    GroupJson.Write(json, info.Group);
                }

                json.WriteEndObject();
            });
            return new GroupStep { Takes = info.Name.Name };
        }, context);
        return made;
    }

    private void RequireCloning(SnapshotName first)
    {
        if (CannotSnapshot is { } reason)
        {
            throw new KvolException(
                ExitStatus.Unavailable, first.ToString(), $"{reason}; or copy the volume: kvol clone {first.Volume} NEW");
        }
    }

    public bool RollsBackMounted => false;

    public void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            using var existing = OpenSnapshots(snapshot.Volume, create: false);
            if (!existing.IsOpen || !Files.Exists(existing, snapshot.Bytes))
            {
                throw Refusals.NoSuchSnapshot(snapshot);
            }
        }

        Apply(snapshots, s => s.Volume, (_, snapshot) => new GroupStep { Removes = [snapshot.Name] }, context: null);
    }

    private void RequireUnprotected(IReadOnlyList<RollbackStep> steps)
    {
        foreach (var step in steps)
        {
            using var from = OpenSnapshot(step.To);
            using var data = OpenTop(step.To.Volume);
            if (Attributes.Protects(Attributes.Flags(data)))
            {
                throw Refusals.Protected(step.To.Volume, data);
            }
        }
    }

    public bool KeepsRollbacks => true;

    public IReadOnlyList<DeletedVolume> Rollback(IReadOnlyList<RollbackStep> steps, DeletionRecord? keep, Context context)
    {
        RequireUnprotected(steps);
        var kept = new List<DeletedVolume>();
        Apply(steps, s => s.To.Volume, (volume, step) =>
        {
            using var from = OpenSnapshot(step.To);
            using var data = Files.OpenDirectory(volume, Data);
            if (keep is not null)
            {
                kept.Add(PrepareKept(volume, step.To.Volume, keep with { RolledBackTo = step.To.ToString() }));
            }

            var flags = CloneInto(from, volume, Staging, context, step.To.Volume, target =>
                TakeQuota(data, target, isKept: keep is not null));
            using var staging = Files.OpenDirectory(volume, Staging);
            return new GroupStep
            {
                Top = Files.Status(staging).Identity.Inode,
                Flags = flags,
                Removes = [.. step.Newer.Select(n => n.Name)],
                Keeps = keep is null ? null : kept[^1].Id,
            };
        }, context, isRecorded: keep is not null);
        return kept;
    }

    private static int CloneInto(Fd source, Fd directory, ByteString name, Context context, VolumeName volume, Action<Fd>? begin = null)
    {
        using var target = StagingDirectory.Make(directory, name);
        begin?.Invoke(target);
        var report = new CopyReport("cloning");
        using var watch = context.Watch(report);
        var held = TreeCopier.Copy(source, target, CopyOptions.Of(context, crossMounts: false) with { Cloning = true }, report, default);
        Losses.Tell(context, volume, [.. report.Lines, .. held.SetIn(target)], "nothing", report.LossCount);
        return held.Top;
    }

    public SnapshotContent OpenContent(SnapshotName name) => new(OpenSnapshot(name), Fd.None, null, MountFlags.None);

    public Fd OpenRemovable(SnapshotName name) => OpenSnapshot(name);

    public Fd OpenRemovable(VolumeName name) => Files.OpenReference(volumes, name.Bytes);

    private Fd OpenSnapshot(SnapshotName snapshot)
    {
        using var snapshots = OpenSnapshots(snapshot.Volume, create: false);
        try
        {
            using var one = snapshots.IsOpen ? Files.OpenDirectory(snapshots, snapshot.Bytes) : throw Refusals.NoSuchSnapshot(snapshot);
            return Files.OpenDirectory(one, Data);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            throw Refusals.NoSuchSnapshot(snapshot);
        }
    }

    private Fd OpenSnapshots(VolumeName name, bool create)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        return OwnDirectory.Open(volume, SnapshotsName, upkeep, create);
    }

    /// <summary>The names in a directory, in no order.</summary>
    public static List<ByteString> Entries(Fd directory)
    {
        var names = new List<ByteString>();
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            names.Add(reader.Name.Keep());
        }

        return names;
    }
}
