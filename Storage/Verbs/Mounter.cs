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
internal sealed partial class Mounter
{
    private readonly RootSession session;
    private readonly RootDirectory root;
    private readonly Attachment? attachment;
    private readonly bool force, snapshots;
    private readonly MountUndo undo;
    private readonly ExistingMounts existing;
    private readonly HashSet<VolumeName> created = [];
    private readonly HashSet<VolumeName> given = [], bound = [];
    private readonly List<MountSpec> waiting = [];
    private readonly Dictionary<MountSpec, SeedRecord> seededAhead = [];
    private readonly Lazy<Liveness> liveness = new(Liveness.Now);

    private Mounter(RootSession session, Attachment? attachment, bool force, bool snapshots)
    {
        (this.session, this.attachment, this.force, this.snapshots) = (session, attachment, force, snapshots);
        root = session.Root!;
        undo = new MountUndo(session);
        existing = new ExistingMounts(session, attachment?.Jail);
    }

    /// <summary>Mounts all specs, or undoes what was done and throws. The results are in the order of the command line. With an attachment,
    /// everything is recorded under the jail's name before the first mount. With <paramref name="snapshots"/>, the volumes that already
    /// exist first get snapshots: see <see cref="StartSnapshots"/>.</summary>
    public static IReadOnlyList<MountResult> Mount(Context context, string rootPath, IReadOnlyList<MountSpec> specs, bool force,
        bool snapshots, Attachment? attachment = null) =>
        WithLocks(context, rootPath, specs, (session, parsed) => new Mounter(session, attachment, force, snapshots).MountAll(parsed),
            attachment?.Jail);

    private MountResult[] MountAll(IReadOnlyList<MountSpec> specs)
    {
        session.Settle(); // a crash, or an unmount without kvol, leaves records of mounts that are gone

        if (session.MountPoints.HasPlanned)
        {
            session.MountPoints.RemoveUnused(root); // a crash left them; what it cannot remove now stays recorded
        }

        if (session.Record.Attachments.Count > 0)
        {
            Attacher.UndoDead(session, liveness.Value);
        }

        var before = session.Record;
        var steps = session.Context.Plan?.Count ?? 0;
        try
        {
            var start = snapshots && session.Store is not null
                ? StartSnapshots.Take(session, specs.Select(s => s.LiveVolume).OfType<VolumeName>(), attachment?.Jail) : null;
            undo.Snapshots(start?.Names ?? []);

            if (attachment is not null)
            {
                Attacher.Remember(session, attachment, liveness.Value);
            }

            var results = new Dictionary<MountSpec, MountResult>();
            waiting.AddRange(specs.OrderBy(s => s.Depth));
            while (waiting.Count > 0)
            {
                session.Context.Interrupt.ThrowIfCancellationRequested();
                var spec = waiting[0];
                waiting.RemoveAt(0);
                results[spec] = spec.Volume is { } volume ? Failures.Name(volume.Text, () => MountOne(spec)) : MountOne(spec);
            }

            session.Context.Interrupt.ThrowIfCancellationRequested();
            if (attachment is not null)
            {
                // Seeding may have taken long; the time that the jail has to start begins now.
                session.Record = session.Record.With(session.Record.Of(attachment.Jail)!.Now());
                Attacher.WarnOfOthers(session, attachment);
            }

            session.Save();
            start?.SayWayBack(session.Context);
            return [.. specs.Select(s => results[s])];
        }
        catch when (session.Context.Plan is { } plan)
        {
            plan.Rewind(steps);
            throw;
        }
        catch
        {
            undo.Run();
            Restore(before);
            throw;
        }
    }

    private MountResult MountOne(MountSpec spec)
    {
        var place = session.PlaceOf(spec.Destination);
        try
        {
            MountCheck.RefuseOwnPlaces(session, spec, place);
            using var covered = Covered.Of(spec, place, session.Store);
            var volume = EnsureVolume(spec, covered);
            using var source = MountSources.Open(spec, session, undo.Makes);
            MountSources.RefuseOverlap(spec, source, root, place);
            if (place is not { Status.IsMountRoot: true })
            {
                return MountOn(place, covered, spec, source, volume);
            }

            var seen = place.Status.MountId;
            place.Dispose();
            place = null; // no descriptor may be open inside what may be unmounted
            if (existing.Find(spec, source, seen) is { } mounted)
            {
                return new MountResult(spec, mounted.Entry.Target.Text, mounted.Entry.Flags.HasFlag(MountFlags.ReadOnly),
                    AlreadyMounted: true, VolumeCreated: false, null);
            }

            using var freed = session.PlaceOf(spec.Destination);
            using var under = Covered.Of(spec, freed, session.Store);
            return MountOn(freed, under, spec, source, volume);
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>Mounts on what is at the destination now, or makes a mount point if nothing is there.</summary>
    private MountResult MountOn(MountPlace? place, Covered? covered, MountSpec spec, MountSource source, Mounted volume)
    {
        if (!source.Status.IsDirectory && !force)
        {
            MountCheck.FileUnderJail(session, spec, liveness.Value);
        }

        MountCheck.RefuseHiding(session, spec, place);
        if (spec.LiveVolume is { } live && source.Status.IsDirectory)
        {
            var seeded = Seed(covered, spec, live, volume);
            if (seeded is not null || SeedAhead(spec, live, volume))
            {
                // Seeding may have replaced the directory that is the volume's content, and may have taken long.
                using var filled = MountSources.Open(spec, session);
                using var again = FindOrMake(spec, filled);
                return Bind(again, spec, filled, volume.IsNew, seeded);
            }

            GiveOwner(covered, spec, live, source, volume);
        }

        if (place is not null)
        {
            return Bind(place, spec, source, volume.IsNew, null);
        }

        using var made = FindOrMake(spec, source);
        return Bind(made, spec, source, volume.IsNew, null);
    }

    private MountPlace FindOrMake(MountSpec spec, MountSource source) => session.MakePlace(spec.Destination, !source.Status.IsDirectory);

    /// <summary>Makes the volume of a spec unless it exists.</summary>
    private Mounted EnsureVolume(MountSpec spec, Covered? covered)
    {
        if (spec.Volume is not { } name)
        {
            return default;
        }

        if (spec.Snapshot is { } snapshot)
        {
            _ = session.Store!.Find(name) ?? throw Refusals.NoSuchVolume(name);
            return session.Store.Find(snapshot) is not null ? default
                : throw Refusals.NoSuchSnapshot(snapshot, session.Store.Snapshots(name).Select(s => s.Name));
        }

        if (session.Store!.Find(name) is { } volume)
        {
            return new Mounted(created.Contains(name), volume.Takes);
        }

        if (spec.NoCreate == true)
        {
            throw Refusals.NotToBeMade(name, session.Context.Configuration);
        }

        undo.Creates(name);
        // A chosen owner is recorded, so that neither this mount nor a seeding changes it.
        var wanted = new NewVolume(Uid: spec.Uid, Gid: spec.Gid)
        {
            IsMountedNow = covered is not null && spec.Uid is null,
            IsSeededNow = covered is { Seeds: true },
        };
        session.Store.Create(name, wanted);
        created.Add(name);
        return new Mounted(IsNew: true, wanted.IsMountedNow ? null : TopPartsText.LeftBy(wanted));
    }

    private MountResult Bind(MountPlace place, MountSpec spec, MountSource source, bool newVolume, SeedRecord? seeded)
    {
        // Nothing is mounted in a snapshot, or in what this command made or filled.
        if (!spec.Recursive && !newVolume && seeded is null && spec.Snapshot is null)
        {
            MountCheck.WarnOfMountsBelow(session, spec, source);
        }

        MountCheck.RefuseOwnPlaces(session, spec, place); // where a link to what was missing leads
        MountCheck.Fits(session, spec, source, place.Status);
        if (spec.New is not null)
        {
            return MakeNew(place, spec, source);
        }

        if (session.Context.Plan is { } plan)
        {
            return Announce(plan, place, spec, source, newVolume, seeded);
        }

        var record = RecordOf(place, spec, source);
        Remember(record);
        if (spec.Volume is null || spec.Recursive || spec.IdMap is not null)
        {
            session.Save(); // a volume's mount is found by its source; this one is not, or not whole
        }

        var flags = spec.Flags | source.InheritedFlags;
        if (spec.LiveVolume is { } volume)
        {
            bound.Add(volume);
        }

        if (spec.Volume is { } shown)
        {
            var use = new HostUse(session.Path, spec.Destination, place.Path.ToString(), attachment?.Jail,
                flags.HasFlag(MountFlags.ReadOnly));
            HostUsage.Add(session, shown, use with { Snapshot = spec.Snapshot?.Name });
        }

        var id = Mount(place.Descriptor, spec, source, known => undo.Mounts(known, source.Origin, spec.Recursive));
        var table = spec.Recursive ? MountTable.Read() : null;
        var inner = table?.Find(id) is { } top
            ? table.Entries.Where(e => e.Target.IsBelow(top.Target)).Select(e => new InnerMount(e.Id, e.Origin.ToString())).ToArray() : [];
        record = record with { Id = id, Inner = inner };
        Remember(record);
        var (path, unique) = MountCheck.Verify(session, spec, source, id);
        Remember(record with { Target = path.ToString(), UniqueId = unique });
        return new MountResult(spec, path.Text, flags.HasFlag(MountFlags.ReadOnly), AlreadyMounted: false,
            newVolume, seeded);
    }

    private ulong Mount(Fd target, MountSpec spec, MountSource source, Action<ulong> known)
    {
        // A jail can exchange what lies inside its volume.
        using var staging = spec.Volume is not null && (spec.Subpath is not null || spec.Recursive)
            ? RunDirectory.OpenStaging(session.Context.Configuration, session.Context.Upkeep) : Fd.None;
        var flags = source.Detached.IsOpen ? spec.Flags | source.InheritedFlags : spec.Flags;
        try
        {
            return KernelMounts.Bind(
                source.Descriptor, source.Detached, target, flags, source.UserNamespace, spec.Recursive, staging, known);
        }
        catch (NativeException e) when (spec.IdMap is not null && e.Call == "mount_setattr")
        {
            throw MountCheck.CannotMap(spec, source.Detached.IsOpen ? "zfs"
                : session.Mounts.Table.RowOf(source.Descriptor)?.FileSystem ?? "its file system", e);
        }
    }
}
