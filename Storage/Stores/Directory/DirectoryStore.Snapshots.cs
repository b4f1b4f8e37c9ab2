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
    private const string SnapshotsName = "snapshots", SnapshotFile = "snapshot.json";

    // A sibling of data. There is at most one, because its maker holds the volume's lock.
    private static readonly ByteString NewSnapshot = new(".new-snapshot"), GoneSnapshot = new(".gone-snapshot");

    public IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name)
    {
        var list = new List<SnapshotInfo>();
        using var snapshots = OpenSnapshots(name, create: false);
        if (!snapshots.IsOpen)
        {
            return list;
        }

        foreach (var entry in Entries(snapshots).Where(e => VolumeName.IsValid(e.ToString())))
        {
            using var snapshot = Files.OpenDirectory(snapshots, entry);
            using var json = StateFile.Read(snapshot, SnapshotFile)
                ?? throw StateFile.Damaged(snapshot, new ByteString(SnapshotFile), "is missing");
            list.Add(new SnapshotInfo(
                new SnapshotName(name, entry.ToString()),
                    StateFile.Get(json.RootElement, "created", v => v.GetDateTimeOffset(), snapshot, new ByteString(SnapshotFile)), null));
        }

        return [.. list.OrderBy(s => s.Created).ThenBy(s => s.Name.Name, StringComparer.Ordinal)];
    }

    // Whatever reads the volume reports file systems mounted inside.
    public IReadOnlyList<string> LeftOut(VolumeName name) => [];

    public SnapshotInfo Snapshot(SnapshotName snapshot, Context context, Action readsLive)
    {
        if (!CloneProbe.Works(volumes))
        {
            throw new KvolException(
                ExitStatus.Unavailable, snapshot.ToString(),
                    $"this file system cannot share blocks, so a snapshot would be a full copy; use 'kvol clone {snapshot.Volume} NEW', "
                        + "or keep the store on XFS or btrfs, or in ZFS: kvol init POOL/DATASET");
        }

        using var snapshots = OpenSnapshots(snapshot.Volume, create: true);
        if (Files.Exists(snapshots, snapshot.Bytes))
        {
            throw Refusals.Taken(snapshot.ToString());
        }

        readsLive();
        using var volume = Files.OpenDirectory(volumes, snapshot.Volume.Bytes);
        var info = new SnapshotInfo(snapshot, DateTimeOffset.UtcNow, null);
        try
        {
            Files.MakeDirectory(volume, NewSnapshot, Permissions.OwnerOnly);
            using (var made = Files.OpenDirectory(volume, NewSnapshot))
            {
                Attributes.RemoveInheritedAcl(made);
                using var data = OpenTop(snapshot.Volume);
                CloneInto(data, made, Data, Fd.None, context, snapshot.Volume);
                StateFile.WriteNew(made, new ByteString(SnapshotFile), json =>
                {
                    json.WriteStartObject();
                    json.WriteString("created", Timestamp.Text(info.Created));
                    json.WriteEndObject();
                });
                Files.SyncFileSystem(made);
            }

            context.Interrupt.ThrowIfCancellationRequested();
            Files.Rename(volume, NewSnapshot, snapshots, snapshot.Bytes); // the commit
            Files.Sync(snapshots);
            return info;
        }
        catch
        {
            RemoveIfThere(volume, NewSnapshot, snapshot.Volume);
            throw;
        }
    }

    public bool RollsBackMounted => false;

    public void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            RemoveSnapshot(snapshot);
        }
    }

    private void RemoveSnapshot(SnapshotName snapshot)
    {
        using var snapshots = OpenSnapshots(snapshot.Volume, create: false);
        if (!snapshots.IsOpen || !Files.Exists(snapshots, snapshot.Bytes))
        {
            throw Refusals.NoSuchSnapshot(snapshot);
        }

        using var volume = Files.OpenDirectory(volumes, snapshot.Volume.Bytes);
        Files.Rename(snapshots, snapshot.Bytes, volume, GoneSnapshot);
        Files.Sync(snapshots);
        RemoveIfThere(volume, GoneSnapshot, snapshot.Volume);
    }

    public void Rollback(SnapshotName snapshot, Context context)
    {
        using var from = OpenSnapshot(snapshot);
        using var volume = Files.OpenDirectory(volumes, snapshot.Volume.Bytes);
        using var data = OpenTop(snapshot.Volume);
        if (Attributes.Protects(Attributes.Flags(data)))
        {
            throw Refusals.Protected(snapshot.Volume, data);
        }

        try
        {
            var flags = CloneInto(from, volume, Staging, data, context, snapshot.Volume);
            using var staging = Files.OpenDirectory(volume, Staging);
            Files.SyncFileSystem(staging);
            context.Interrupt.ThrowIfCancellationRequested();
            Exchange.Names(volume, Staging, Data); // the commit
            Files.Sync(volume);
            if (flags != 0)
            {
                Attributes.AddFlags(staging, flags);
            }
        }
        finally
        {
            RemoveIfThere(volume, Staging, snapshot.Volume); // what was made when it failed, what was there before when it did not
        }
    }

    private static int CloneInto(Fd source, Fd directory, ByteString name, Fd replaced, Context context, VolumeName volume)
    {
        using var target = StagingDirectory.Make(directory, name);
        if (replaced.IsOpen)
        {
            TakeProject(replaced, target);
        }

        var report = new CopyReport("cloning");
        using var watch = context.Watch(report);
        var held = TreeCopier.Copy(source, target, CopyOptions.Of(context, crossMounts: false) with { Cloning = true }, report, default);
        Losses.Tell(context, volume, [.. report.Lines, .. held.SetIn(target)], "nothing", report.LossCount);
        return held.Top;
    }

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
        return OwnDirectory.Open(volume, SnapshotsName, warn, create);
    }

    private static List<ByteString> Entries(Fd directory)
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
