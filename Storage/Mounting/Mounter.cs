using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>Makes the mounts of one command under one root directory: parents first, all or nothing.</summary>
internal sealed class Mounter : IDisposable
{
    private readonly Context context;
    private readonly RootDirectory root;
    private readonly IVolumeStore? store;
    private readonly RunRecords runs;
    private readonly Fd mountPointDirectory;
    private readonly MountPointRecords mountPoints;
    private readonly List<RunRecord> records;
    private readonly Stack<IDisposable> locks = new();
    private readonly Stack<Action> undo = new();
    private readonly HashSet<VolumeName> created = [];

    private Mounter(Context context, RootDirectory root, IVolumeStore? store)
    {
        (this.context, this.root, this.store) = (context, root, store);
        runs = RunRecords.Open(context.Configuration);
        locks.Push(RunRecords.Lock(root, context));
        mountPointDirectory = store?.OpenRecords(create: true) ?? RunRecords.OpenMountPoints(context.Configuration);
        mountPoints = new MountPointRecords(mountPointDirectory, root.Identity);
        records = [.. runs.Of(root)];
    }

    /// <summary>Mounts all specs, or undoes what was done and throws. Results are in the order of the command line.</summary>
    public static IReadOnlyList<MountResult> Mount(Context context, string rootPath, IReadOnlyList<MountSpec> specs)
    {
        if (specs.GroupBy(s => s.Destination).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new KvolException(ExitStatus.Usage, twice.Key, "is the destination of two mounts");
        }

        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        var creates = specs.Any(s => s.Volume is not null && !s.NoCreate);
        using var store = VolumeStores.Open(context.Configuration, creates, context.Warn);
        using var mounter = new Mounter(context, root, store);
        return mounter.MountAll(specs);
    }

    public void Dispose()
    {
        while (locks.TryPop(out var held))
        {
            held.Dispose();
        }

        mountPointDirectory.Dispose();
        runs.Dispose();
    }

    private MountResult[] MountAll(IReadOnlyList<MountSpec> specs)
    {
        foreach (var name in specs.Select(s => s.Volume).OfType<VolumeName>().DistinctBy(n => n.Text).OrderBy(n => n.Text, StringComparer.Ordinal))
        {
            locks.Push(store?.Lock(name, context) ?? throw NoSuchVolume(name));
        }

        try
        {
            var results = new Dictionary<MountSpec, MountResult>();
            foreach (var spec in specs.OrderBy(s => s.Depth))
            {
                context.Interrupt.ThrowIfCancellationRequested();
                results[spec] = MountOne(spec);
            }

            context.Interrupt.ThrowIfCancellationRequested();
            return [.. specs.Select(s => results[s])];
        }
        catch
        {
            Undo();
            throw;
        }
    }

    private void Undo()
    {
        while (undo.TryPop(out var step))
        {
            try
            {
                step();
                mountPoints.RemoveUnused(root); // now, while the volume that it may be in is still mounted
            }
            catch (Exception e) when (e is KvolException or NativeException)
            {
                context.Warn($"{e.Message}; left behind while undoing, 'kvol umount {root.Path}' removes it");
            }
        }

        mountPoints.RemoveUnused(root);
    }

    private MountResult MountOne(MountSpec spec)
    {
        var newVolume = spec.Volume is not null && EnsureVolume(spec, spec.Volume);
        using var source = MountSources.Open(spec, store);
        var existing = root.Find(spec.Destination);
        var status = existing is { } e ? Files.Status(e) : default(FileStatus?);
        var path = existing is { } f ? Files.PathOf(f) : null;
        existing?.Dispose();
        MountSources.RefuseOverlap(spec, source, root, status, path);
        if (FindMounted(spec, source) is { } mounted)
        {
            return mounted;
        }

        // Looked at again: something may have been peeled.
        using (var place = root.Find(spec.Destination) ?? Fd.None)
        {
            if (place.IsOpen && Files.Status(place) is var at && at.IsDirectory != source.Status.IsDirectory)
            {
                throw new KvolException(ExitStatus.CannotCreate, spec.Destination, at.IsDirectory
                    ? $"is a directory, but {spec.SourceText} is a file" : $"is not a directory, but {spec.SourceText} is one");
            }
        }

        return Bind(spec, newVolume);
    }

    /// <summary>Makes the volume unless it is there; whether it is this command's.</summary>
    private bool EnsureVolume(MountSpec spec, VolumeName name)
    {
        if (store!.Find(name) is not null)
        {
            return created.Contains(name);
        }

        if (spec.NoCreate)
        {
            throw NoSuchVolume(name);
        }

        store.Create(name, new NewVolume());
        created.Add(name);
        undo.Push(() => VolumeRemoval.RemoveUnused(store, name, force: false));
        return true;
    }

    private MountResult? FindMounted(MountSpec spec, MountSource source)
    {
        while (true)
        {
            var mounts = new KvolMounts(store, runs.All());
            if (MountIdAt(spec.Destination) is not { } id || mounts.Table.Find(id) is not { } top)
            {
                return null;
            }

            var known = mounts.Find(top);
            var below = mounts.Table.Find(top.ParentId);
            if (known is not null && (top.SourceDeleted || (below is not null && below.Target.Equals(top.Target) && below.Origin.Equals(top.Origin) && below.Flags == top.Flags)))
            {
                Unmount.One(top, force: false); // stale, or a duplicate of the one below
                continue;
            }

            var wanted = spec.Flags | source.InheritedFlags;
            if (top.Origin.Equals(source.Origin) && top.Flags == wanted)
            {
                if (known?.Record is { } record && record.Recursive != spec.Recursive)
                {
                    throw new KvolException(ExitStatus.Busy, spec.Destination, $"{spec.SourceText} is mounted there {(spec.Recursive ? "without" : "with")} 'recursive'; umount it first");
                }

                return Result(spec, top, already: true, newVolume: false, null);
            }

            throw new KvolException(ExitStatus.Busy, spec.Destination, top.Origin.Equals(source.Origin)
                ? $"{spec.SourceText} is mounted there already, {Options(top.Flags)} where {Options(wanted)} is asked; umount it first"
                : $"{top.Source} is mounted there, not {spec.SourceText}; umount it first");
        }
    }

    /// <summary>The mount that is seen at a destination; null when its root is not there. Nothing stays open inside it.</summary>
    private ulong? MountIdAt(string destination)
    {
        using var there = root.Find(destination) ?? Fd.None;
        return there.IsOpen && Files.Status(there) is { IsMountRoot: true } status ? status.MountId : null;
    }

    private MountResult Bind(MountSpec spec, bool newVolume)
    {
        var seeded = spec.Volume is null ? null : Seed(spec, spec.Volume, newVolume);

        // Seeding replaces the directory that is the volume's content, so the source is opened after it.
        using var source = MountSources.Open(spec, store);
        WarnOfMountsBelow(spec, source);
        ulong id;
        using (var target = root.FindOrMake(spec.Destination, file: !source.Status.IsDirectory, mountPoints.Add))
        {
            var status = Files.Status(target);
            if (status.Identity == root.Identity || status.IsDirectory != source.Status.IsDirectory || status.Identity == source.Status.Identity)
            {
                throw new KvolException(ExitStatus.CannotCreate, spec.Destination, status.Identity == source.Status.Identity
                    ? "is the source itself" : "changed while it was being mounted on, or leads to the root directory itself");
            }

            id = Mounts.Bind(source.Descriptor, target, spec.Flags, spec.Recursive);
        }

        var table = MountTable.Read();
        var entry = table.Find(id) ?? throw new KvolException(ExitStatus.SystemError, spec.Destination, "the mount is not in the mount table");
        var inner = spec.Recursive ? table.Entries.Where(e => e.Target.IsBelow(entry.Target)).ToArray() : [];
        undo.Push(() => UndoMount(entry, inner));
        records.RemoveAll(r => r.Target == entry.Target.ToString());
        records.Add(new RunRecord(
            entry.Id, entry.Target.ToString(), entry.Origin.ToString(), spec.Volume is null ? Host.BindType : "volume", spec.Volume?.Text ?? source.Path.ToString(),
            spec.Destination, null, spec.Recursive, [.. inner.Select(e => e.Id)]));
        runs.Write(root, records);
        Verify(spec, source, entry);
        return Result(spec, entry, already: false, newVolume, seeded);
    }

    private void UndoMount(MountEntry entry, MountEntry[] inner)
    {
        foreach (var below in inner.Reverse())
        {
            Unmount.One(below, force: false);
        }

        Unmount.One(entry, force: false);
        records.RemoveAll(r => r.Id == entry.Id);
        runs.Write(root, records);
    }

    /// <summary>The mount is inside the root directory, where the destination leads, and shows the source.</summary>
    private void Verify(MountSpec spec, MountSource source, MountEntry entry)
    {
        using var there = root.Find(spec.Destination) ?? Fd.None;
        var status = there.IsOpen ? Files.Status(there) : default;
        var wanted = spec.Flags | source.InheritedFlags;
        if (!there.IsOpen || status.MountId != entry.Id || status.Identity != source.Status.Identity || !entry.Target.IsBelow(root.Path))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination, "changed while it was being mounted on; the mount was undone");
        }

        if (entry.Flags != wanted)
        {
            throw new KvolException(ExitStatus.Unavailable, spec.Destination, $"the kernel made the mount {Options(entry.Flags)} where {Options(wanted)} was asked; it was undone");
        }
    }

    private SeedRecord? Seed(MountSpec spec, VolumeName name, bool newVolume)
    {
        using var covered = root.Find(spec.Destination) ?? Fd.None;
        var status = covered.IsOpen ? Files.Status(covered) : default;
        if (!covered.IsOpen || !status.IsDirectory)
        {
            return null;
        }

        using var directory = Files.Reopen(covered);
        if (spec.NoCopy || spec.Subpath is not null || !store!.IsEmpty(name) || MountPointRecords.FirstForeign(directory, store) is null)
        {
            if (newVolume)
            {
                store!.TakeOwner(name, status, new NewVolume());
            }

            return null;
        }

        if (VolumeUse.Find(store, name) is { Count: > 0 } uses)
        {
            context.Warn($"{name}: empty, but mounted on {KvolMounts.Describe(uses)}, where it may be written to; not seeded");
            return null;
        }

        return Seeding.Run(store, name, directory, covered, spec.Recursive, context);
    }

    private void WarnOfMountsBelow(MountSpec spec, MountSource source)
    {
        foreach (var entry in spec.Recursive ? [] : MountTable.Read().Entries.Where(e => e.Target.IsBelow(source.Path)))
        {
            context.Warn($"{spec.Destination}: {entry.Target} is another file system and is left out; the option 'recursive' takes it along");
        }
    }

    private static MountResult Result(MountSpec spec, MountEntry entry, bool already, bool newVolume, SeedRecord? seeded) => new(
        spec.Volume is null ? Host.BindType : "volume", spec.SourceText, spec.Destination, entry.Target.ToString(), entry.Flags.HasFlag(MountFlags.ReadOnly), already, newVolume, seeded);

    private static string Options(MountFlags flags) => (flags.HasFlag(MountFlags.ReadOnly) ? "ro" : "rw")
        + (flags.HasFlag(MountFlags.NoSuid) ? ",nosuid" : "") + (flags.HasFlag(MountFlags.NoExec) ? ",noexec" : "") + (flags.HasFlag(MountFlags.NoAccessTime) ? ",noatime" : "");

    private static KvolException NoSuchVolume(VolumeName name) => new(ExitStatus.NoInput, name.Text, "no such volume, and nocreate forbids to create it");
}
