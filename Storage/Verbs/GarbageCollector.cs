using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Cleans up after dead jails and crashes: their mounts, unfinished work in the store, and mount points. It never forces an
/// unmount, and skips what is busy or in use by another kvol.</summary>
internal sealed partial class GarbageCollector
{
    private readonly Context context;
    private readonly IVolumeStore? store;
    private readonly bool dryRun;
    private readonly List<Collected> collected = [];
    private readonly List<string> left = [];
    private readonly HashSet<FileIdentity> attached = [];

    private GarbageCollector(Context context, IVolumeStore? store, bool dryRun)
    {
        this.context = context with { WaitLimit = TimeSpan.Zero }; // the holder of a lock is alive
        this.store = store;
        this.dryRun = dryRun;
    }

    /// <summary>What was undone, and what was left because it is busy. With <paramref name="dryRun"/>: what would be undone; nothing is
    /// changed.</summary>
    public static (IReadOnlyList<Collected> Done, IReadOnlyList<string> Left) Run(Context context, bool dryRun)
    {
        context = context.Watching(dryRun);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        var collector = new GarbageCollector(context, store, dryRun);
        collector.Attachments();
        collector.OwnRecords();
        collector.Volumes();
        collector.MountPoints();
        collector.Deleted();
        collector.EndedHolds();
        collector.TemporaryFiles();
        collector.Unless(() => LastUses.Update(context, store));
        return (collector.collected, collector.left);
    }

    private void Attachments()
    {
        using var runs = RunRecords.Open(context.Configuration, context.Upkeep);
        Sightings.Record(context, runs);
        var liveness = Liveness.Now();
        var records = runs.All();
        foreach (var record in records)
        {
            context.Interrupt.ThrowIfCancellationRequested();
            if (record.Attachments.Any(a => IsDead(liveness, a, record.Path)))
            {
                Unless(() => Attachments(record));
            }
            else if (record.Attachments.Count > 0)
            {
                attached.Add(record.Identity);
            }
        }

        var current = records.Select(r => r.Identity).ToHashSet();
        foreach (var root in dryRun ? [] : runs.OfOtherBoots(current))
        {
            Unless(() => runs.RemoveOfOtherBoot(root, context));
        }

        if (!dryRun)
        {
            Unless(() => runs.SweepJails(current, context));
        }
    }

    private void Attachments(RootRecord record)
    {
        using var root = Detacher.Reopen(context, store, record);
        using var session = root is null ? RootSession.OfMissing(context, store, record) : new RootSession(context, store, root);

        // Under the lock, because what was read before may have changed.
        var liveness = Liveness.Now();
        foreach (var dead in session.Record.Attachments.Where(a => IsDead(liveness, a, record.Path)).ToArray())
        {
            var before = session.Record;
            var mounts = Ownership.Release(session, dead.Jail);
            if (dryRun)
            {
                session.Record = before;
                Add("attachment", session.Path, dead.Jail, $"jail {dead.Jail} is not running: {Plural.Of(mounts.Count, "mount")} to undo");
                continue;
            }

            var undoing = new Undoing(session, Force: false, TimeSpan.Zero);
            var busy = undoing.Run(mounts);
            session.Settle();
            if (busy.Count == 0)
            {
                session.Record = session.Record.Without(dead.Jail);
            }

            left.AddRange(busy.Select(e => e.Message));
            if (busy.Count == 0 || undoing.Done.Count > 0)
            {
                Add("attachment", session.Path, dead.Jail,
                    $"jail {dead.Jail} is not running: removed {Plural.Of(undoing.Done.Count, "mount")}");
            }
        }

        if (!dryRun)
        {
            // where it was attached
            session.Record = session.Record.Path == record.Path ? session.Record : session.Record with { Path = record.Path };
            session.Save(isUndoing: true);
        }
    }

    private void Volumes()
    {
        if (store is null)
        {
            return;
        }

        IReadOnlyList<VolumeName> names = [];
        Unless(() => names = store.Unfinished());
        foreach (var name in names)
        {
            context.Interrupt.ThrowIfCancellationRequested();
            Unless(() =>
            {
                // What a living command works on is not finished either: that command holds the lock, or has just ended.
                if (!store.Unfinished().Contains(name))
                {
                    return;
                }

                if (!dryRun)
                {
                    if (!CleanUp(name))
                    {
                        return;
                    }

                    if (store.Unfinished().Contains(name))
                    {
                        left.Add($"{name}: cannot delete the remains of a crash; they block nothing");
                        return;
                    }
                }

                Add("volume", name.Text, null, "unfinished work of a crash");
            });
        }
    }

    // Taking the lock of a volume cleans up after a crash. False when a living command holds it.
    private bool CleanUp(VolumeName name)
    {
        try
        {
            new VolumeLocks(store!, [name], context with { WaitLimit = TimeSpan.Zero }).Dispose();
            return true;
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            return false;
        }
    }

    private void MountPoints()
    {
        using var inStore = store?.OpenRecords(create: false) ?? Fd.None;
        using var inRun = RunDirectory.OpenMountPoints(context.Configuration, context.Upkeep);
        foreach (var (records, of) in new[] { (inStore, store), (inRun, null) })
        {
            foreach (var (identity, path) in records.IsOpen ? MountPointRegistry.Roots(records, attached) : [])
            {
                context.Interrupt.ThrowIfCancellationRequested();
                Unless(() => MountPoints(identity, path, of));
            }
        }
    }

    private void MountPoints(FileIdentity identity, string path, IVolumeStore? of)
    {
        using var root = RootDirectory.TryOpen(path, context.Configuration.Root);
        if (root?.Identity != identity)
        {
            return; // missing, or its file system is not mounted: the record must be kept
        }

        using var session = new RootSession(context, of, root);
        if (session.Record.Attachments.Count > 0)
        {
            return; // the jail lives, or what is left of it is busy
        }

        var before = session.MountPoints.Count;
        var removed = dryRun ? session.MountPoints.CountUnused(root) : before;
        if (!dryRun)
        {
            left.AddRange(session.MountPoints.RemoveUnused(root).Select(e => e.Message));
            removed -= session.MountPoints.Count;
        }

        if (removed > 0)
        {
            Add("mount points", path, null, $"{(dryRun ? "would remove" : "removed")} {Plural.Of(removed, "unused mount point")}");
        }
    }

    private void Deleted()
    {
        foreach (var deleted in store?.Deleted((id, e) => left.Add(Deleting.WithWayOut(id, e).Message)).Where(Deleting.PastNow()) ?? [])
        {
            context.Interrupt.ThrowIfCancellationRequested();
            Unless(() =>
            {
                if (dryRun || Deleting.Purge(context, store!, deleted, e => left.Add(e.Message)))
                {
                    Add("deleted volume", deleted.Name.Text, null,
                        $"{(dryRun ? "would be removed" : "removed")} (kept until {Timestamp.Text(deleted.Deletion.Until)})");
                }
            });
        }
    }

    private void TemporaryFiles()
    {
        Unless(() =>
        {
            foreach (var path in store?.Sweep(dryRun) ?? [])
            {
                AddLitter(path);
            }
        });
        Unless(() =>
        {
            foreach (var path in ReadHold.Sweep(context, store, dryRun))
            {
                AddLitter(path, "the command that read the volume was killed");
            }
        });
        Unless(() => AddLitter(UndoneMounts.Sweep(context, dryRun)));
        using var inStore = store?.OpenRecords(create: false) ?? Fd.None;
        using var inRun = RunDirectory.OpenMountPoints(context.Configuration, context.Upkeep);
        using var roots = RunDirectory.FindRecords(context.Configuration, context.Upkeep);
        foreach (var directory in new[] { inStore, inRun, roots })
        {
            foreach (var file in directory.IsOpen ? StateFile.FindUnfinished(directory) : [])
            {
                if (MountPointRegistry.IdentityOf(file[..^".json".Length]) is { } root)
                {
                    Unless(() => RemoveUnfinished(directory, file, root));
                }
            }
        }
    }

    private void RemoveUnfinished(Fd directory, string file, FileIdentity root)
    {
        using var runs = RunRecords.Open(context.Configuration, context.Upkeep);
        using var held = runs.LockRoot(root, file, context); // the writer of the record holds this lock
        AddLitter(StateFile.SweepUnfinished(directory, file, dryRun));
    }

    private void AddLitter(string? path, string reason = "unfinished work of a crash")
    {
        if (path is not null)
        {
            Add("temporary file", path, null, reason);
        }
    }

    private static bool IsDead(Liveness liveness, Attachment attachment, string path) =>
        liveness.IsDead(attachment, path, RootDirectory.IsGone(path));

    private void Add(string kind, string subject, string? jail, string text) => collected.Add(new Collected(kind, subject, jail, text));

    // One failure must not stop the rest.
    private void Unless(Action action)
    {
        try
        {
            action();
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            context.Notice(e.Message);
        }
        catch (Exception e) when (e is KvolException or NativeException)
        {
            left.Add(e.Message);
        }
    }
}
