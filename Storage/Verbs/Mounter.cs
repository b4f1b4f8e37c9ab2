using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Makes the mounts of one command under one root directory: parents first, all or nothing.</summary>
internal sealed class Mounter
{
    private readonly RootSession session;
    private readonly RootDirectory root;
    private readonly Attachment? attachment;
    private readonly bool force;
    private readonly MountUndo undo;
    private readonly ExistingMounts existing;
    private readonly HashSet<VolumeName> created = [];
    private readonly Lazy<Liveness> liveness = new(Liveness.Now);

    private Mounter(RootSession session, Attachment? attachment, bool force)
    {
        (this.session, this.attachment, this.force) = (session, attachment, force);
        root = session.Root!;
        undo = new MountUndo(session);
        existing = new ExistingMounts(session, attachment?.Jail);
    }

    /// <summary>Mounts all specs, or undoes what was done and throws. Results are in the order of the command line. With an attachment it is all
    /// remembered under the jail's name, before the first mount is made.</summary>
    public static IReadOnlyList<MountResult> Mount(Context context, string rootPath, IReadOnlyList<MountSpec> specs, bool force, Attachment? attachment = null)
    {
        if (specs.GroupBy(s => s.Destination).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new KvolException(ExitStatus.Usage, twice.Key, "is the destination of two mounts");
        }

        if (!context.Configuration.CreatesByMounting)
        {
            specs = [.. specs.Select(s => s.Volume is null ? s : s with { NoCreate = true })];
        }

        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        var creates = specs.Any(s => s.Volume is not null && !s.NoCreate);
        using var store = VolumeStores.Open(context.Configuration, creates, context.Warn);
        using var session = new RootSession(context, store, root);
        using var locks = new VolumeLocks(store, specs, context);
        return new Mounter(session, attachment, force).MountAll(specs);
    }

    private MountResult[] MountAll(IReadOnlyList<MountSpec> specs)
    {
        if (session.Record.Mounts.Any(r => r.Id == RunRecord.Planned))
        {
            session.Settle(); // a crash left it
        }

        if (session.MountPoints.HasPlanned)
        {
            session.MountPoints.RemoveUnused(root); // a crash left them; what it cannot remove now stays recorded
        }

        if (session.Record.Attachments.Count > 0)
        {
            Attacher.UndoDead(session, liveness.Value);
        }

        var before = attachment is null ? null : session.Record.Of(attachment.Jail);
        try
        {
            if (attachment is not null)
            {
                Attacher.Remember(session, attachment, liveness.Value);
            }

            var results = new Dictionary<MountSpec, MountResult>();
            foreach (var spec in specs.OrderBy(s => s.Depth))
            {
                session.Context.Interrupt.ThrowIfCancellationRequested();
                results[spec] = MountOne(spec);
            }

            session.Context.Interrupt.ThrowIfCancellationRequested();
            if (attachment is not null)
            {
                // Seeding may have taken long; the jail starts from now on.
                session.Record = session.Record.With(session.Record.Of(attachment.Jail)!.Now());
                Attacher.WarnOfOthers(session, attachment);
            }

            session.Save();
            return [.. specs.Select(s => results[s])];
        }
        catch
        {
            undo.Run();
            Restore(before);
            throw;
        }
    }

    /// <summary>The record as it was before this command, and what could not be undone.</summary>
    private void Restore(Attachment? before)
    {
        try
        {
            session.Settle();
            if (attachment is not null && (before is not null || !Ownership.HasAny(session, attachment)))
            {
                session.Record = before is null ? session.Record.Without(attachment.Jail) : session.Record.With(before);
            }

            session.Save();
        }
        catch (NativeException e)
        {
            session.Context.Warn($"{e.Message}; the mounts are undone, but not all records of them");
        }
    }

    private MountResult MountOne(MountSpec spec)
    {
        var newVolume = spec.Volume is not null && EnsureVolume(spec, spec.Volume);
        using var source = MountSources.Open(spec, session);
        ulong seen;
        using (var place = MountPlace.Of(root.Find(spec.Destination)))
        {
            MountSources.RefuseOverlap(spec, source, root, place);
            if (place is not { Status.IsMountRoot: true })
            {
                return MountOn(place, spec, source, newVolume);
            }

            seen = place.Status.MountId;
        }

        // Nothing is open inside what may be unmounted.
        if (existing.Find(spec, source, seen) is { } mounted)
        {
            return new MountResult(spec, mounted.Entry.Target.Text, mounted.Entry.Flags.HasFlag(MountFlags.ReadOnly), AlreadyMounted: true, VolumeCreated: false, null);
        }

        using var freed = MountPlace.Of(root.Find(spec.Destination));
        return MountOn(freed, spec, source, newVolume);
    }

    /// <summary>Mounts on what is at the destination now, or on what is made there when nothing is.</summary>
    private MountResult MountOn(MountPlace? place, MountSpec spec, MountSource source, bool newVolume)
    {
        if (!source.Status.IsDirectory && !force)
        {
            MountCheck.FileUnderJail(session, spec, liveness.Value);
        }

        MountCheck.RefuseHiding(session, spec, place);
        if (spec.Volume is not null && place is not null && Seed(place, spec, spec.Volume, source, newVolume) is { } seeded)
        {
            // Seeding replaces the directory that is the volume's content, and may have taken long.
            using var filled = MountSources.Open(spec, session);
            using var again = FindOrMake(spec, filled);
            return Bind(again, spec, filled, newVolume, seeded);
        }

        if (place is not null)
        {
            return Bind(place, spec, source, newVolume, null);
        }

        using var made = FindOrMake(spec, source);
        return Bind(made, spec, source, newVolume, null);
    }

    private MountPlace FindOrMake(MountSpec spec, MountSource source) =>
        MountPlace.Of(root.FindOrMake(spec.Destination, file: !source.Status.IsDirectory, session.MountPoints))!;

    /// <summary>Makes the volume unless it is there; whether it is this command's.</summary>
    private bool EnsureVolume(MountSpec spec, VolumeName name)
    {
        if (session.Store!.Find(name) is not null)
        {
            return created.Contains(name);
        }

        if (spec.NoCreate)
        {
            throw VolumeLocks.NoSuchVolume(name);
        }

        undo.Creates(name);
        session.Store.Create(name, new NewVolume());
        created.Add(name);
        return true;
    }

    private MountResult Bind(MountPlace place, MountSpec spec, MountSource source, bool newVolume, SeedRecord? seeded)
    {
        WarnOfMountsBelow(spec, source);
        MountCheck.Fits(session, spec, source, place.Status);
        var record = new RunRecord(
            RunRecord.Planned, place.Path.ToString(), source.Origin.ToString(), spec.TypeText, spec.Volume?.Text ?? source.Path.ToString(), spec.Destination,
            attachment?.Jail, spec.Recursive, []);
        Remember(record);
        if (spec.Volume is null || spec.Recursive)
        {
            session.Save(); // a volume's mount is known by its source; this one is not
        }

        var id = Mount(place.Descriptor, spec, source, known => undo.Mounts(known, source.Origin, spec.Recursive));
        var table = spec.Recursive ? MountTable.Read() : null;
        var inner = table?.Find(id) is { } top ? table.Entries.Where(e => e.Target.IsBelow(top.Target)).Select(e => e.Id).ToArray() : [];
        record = record with { Id = id, Inner = inner };
        Remember(record);
        var path = MountCheck.Verify(session, spec, source, id);
        Remember(record with { Target = path.ToString() });
        return new MountResult(spec, path.Text, (spec.Flags | source.InheritedFlags).HasFlag(MountFlags.ReadOnly), AlreadyMounted: false, newVolume, seeded);
    }

    private ulong Mount(Fd target, MountSpec spec, MountSource source, Action<ulong> known)
    {
        // What lies inside a volume its jail can exchange.
        using var staging = spec.Volume is not null && (spec.Subpath is not null || spec.Recursive) ? RunRecords.OpenStaging(session.Context.Configuration) : Fd.None;
        return KernelMounts.Bind(source.Descriptor, target, spec.Flags, spec.Recursive, staging, known);
    }

    private void Remember(RunRecord record) =>
        session.Record = session.Record with { Mounts = [.. session.Record.Mounts.Where(r => r.Target != record.Target && (r.Id != record.Id || r.Id == RunRecord.Planned)), record] };

    private SeedRecord? Seed(MountPlace covered, MountSpec spec, VolumeName name, MountSource source, bool newVolume)
    {
        if (!source.Status.IsDirectory || !covered.Status.IsDirectory)
        {
            return null;
        }

        using var directory = Files.Reopen(covered.Descriptor);
        var store = session.Store!;
        if (spec.NoCopy || spec.Subpath is not null || Emptiness.FirstForeignIn(directory, () => store.OpenRecords(create: false)) is null || !store.IsEmpty(name))
        {
            if (newVolume)
            {
                store.TakeOwner(name, covered.Status, new NewVolume());
            }

            return null;
        }

        // What this command made, under its lock, nobody has mounted but itself.
        if (!(newVolume && session.Record.Mounts.All(r => r.Source != name.Text)) && VolumeUse.Find(store, name) is { Count: > 0 } uses)
        {
            session.Context.Warn($"{name}: empty, but mounted on {KvolMounts.Describe(uses)}, where it may be written to; not seeded");
            return null;
        }

        var seed = Seeding.Run(store, name, directory, covered.Descriptor, spec.Recursive, session.Context);
        undo.Filled(name);
        return seed;
    }

    private void WarnOfMountsBelow(MountSpec spec, MountSource source)
    {
        foreach (var entry in spec.Recursive ? [] : session.Mounts.Table.Entries.Where(e => e.Target.IsBelow(source.Path)))
        {
            session.Context.Warn($"{spec.Destination}: {entry.Target} is another file system and is left out; the option 'recursive' takes it along");
        }
    }
}
