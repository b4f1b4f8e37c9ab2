using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>What the first mount gives a volume: content, or owner and mode.</content>
internal sealed partial class Mounter
{
    /// <summary>Seeds an empty volume with what it is about to cover; null if there is nothing to do. An error (75) if another process
    /// could write to it.</summary>
    private SeedRecord? Seed(Covered? covered, MountSpec spec, VolumeName name, Mounted volume)
    {
        if (seededAhead.Remove(spec, out var before))
        {
            return before;
        }

        var store = session.Store!;
        if (covered is not { Seeds: true } || !store.IsEmpty(name))
        {
            return null;
        }

        // This command made the volume, under its lock, so no other command has mounted it.
        var isMounted = (!volume.IsNew || bound.Contains(name)) && RefuseWriters(session.Context, store, name, spec);
        var seed = Seeding.Run(store, name, covered.Directory, covered.Descriptor, spec.Recursive, isMounted, session.Context);
        undo.Filled(name);
        if (session.Context.Plan is not null)
        {
            contents[name] = Files.Reopen(covered.Descriptor); // what the volume will hold
        }

        return seed;
    }

    /// <summary>Seeds a volume from the destination of a later spec of this command, because a jail could write to it as soon as this spec
    /// is mounted. Returns whether it did.</summary>
    private bool SeedAhead(MountSpec spec, VolumeName name, Mounted volume)
    {
        // A destination inside that of another spec can be seen only when that one is mounted.
        foreach (var later in waiting.Where(w => w.LiveVolume == name && !IsHidden(w.Destination) && !waiting.Append(spec)
            .Any(o => o != w && IsBelow(w.Destination, o.Destination))))
        {
            using var place = session.PlaceOf(later.Destination);
            using var covered = place is { Status.IsMountRoot: true } ? null : Covered.Of(later, place, session.Store);
            if (Seed(covered, later, name, volume) is { } seeded)
            {
                seededAhead[later] = seeded;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a volume is mounted elsewhere, read-only; an error (75) if one of its mounts is writable.</summary>
    private static bool RefuseWriters(Context context, IVolumeStore store, VolumeName name, MountSpec spec)
    {
        HostUsage.RequireNone(store, name, writable: true);
        Holds.RequireNone(context, store, name, writable: true);
        var uses = VolumeUses.Find(store, name).Where(u => u.Snapshot is null).ToArray();
        var content = store.ContentPath(name);
        var writers = uses.Where(u => !u.IsReadOnly || (content is not null && u.Entry.Target.IsAtOrBelow(content))).ToArray();
        return writers.Length == 0 ? uses.Length > 0 || Holds.Of(context.Configuration, store, name).Count > 0
            || HostUsage.Elsewhere(store, name).Count > 0 : throw new KvolException(
            ExitStatus.Busy, name.Text,
            $"is empty, and cannot be seeded from {spec.Destination}: it is mounted writable on {VolumeUse.Describe(writers)}; to mount it "
            + $"empty: {name}:{spec.Destination}:nocopy; to seed it, {Refusals.WayOut(writers,
                VolumeUses.CommandsFor(context, writers))}");
    }

    /// <summary>If nothing was written in a volume, its first mount gives it the owner and mode of the directory that it covers.</summary>
    private void GiveOwner(Covered? covered, MountSpec spec, VolumeName name, MountSource source, Mounted volume)
    {
        if (covered is null || spec.Subpath is not null || !(volume.Takes is null ? volume.IsNew : volume.Takes != TopParts.None
            && VolumeTop.IsAsMade(source.Status, () => session.Store!.IsEmpty(name))) || !given.Add(name))
        {
            return;
        }

        try
        {
            session.Store!.TakeOwner(name, covered.Status, volume.Takes);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly)
        {
            // If the store became read-only, its volume can still be mounted read-only, unchanged.
        }
    }
}

/// <summary>The state of a spec's volume before the mount.</summary>
/// <param name="IsNew">Whether this command made it.</param>
/// <param name="Takes">See <see cref="Volume.Takes"/>.</param>
internal readonly record struct Mounted(bool IsNew, TopParts? Takes);
