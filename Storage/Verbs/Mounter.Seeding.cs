using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>What the first mount of a volume gives it: content, or owner and mode.</content>
internal sealed partial class Mounter
{
    /// <summary>Seeds an empty volume with what it is about to cover; null when there is nothing to do. An error (75) where somebody else could write to it.</summary>
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

        // What this command made, under its lock, nobody has mounted but itself.
        var isMounted = (!volume.IsNew || bound.Contains(name)) && RefuseWriters(store, name, spec);
        var seed = Seeding.Run(store, name, covered.Directory, covered.Descriptor, spec.Recursive, isMounted, session.Context);
        undo.Filled(name);
        return seed;
    }

    /// <summary>Seeds a volume from the destination of another spec of this command that comes later: once this one is mounted, a jail could write to it. Whether
    /// it did.</summary>
    private bool SeedAhead(MountSpec spec, VolumeName name, Mounted volume)
    {
        // A destination in that of another one can be seen only when that is mounted.
        foreach (var later in waiting.Where(w => w.Volume == name && !waiting.Append(spec).Any(o => o != w && w.Destination.StartsWith(o.Destination.TrimEnd('/') + "/", StringComparison.Ordinal))))
        {
            using var place = MountPlace.Of(root.Find(later.Destination));
            using var covered = place is { Status.IsMountRoot: true } ? null : Covered.Of(later, place, session.Store);
            if (Seed(covered, later, name, volume) is { } seeded)
            {
                seededAhead[later] = seeded;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a volume is mounted elsewhere, read-only; an error (75) where it can be written to.</summary>
    private static bool RefuseWriters(IVolumeStore store, VolumeName name, MountSpec spec)
    {
        var uses = VolumeUses.Find(store, name);
        var content = store.ContentPath(name);
        var writers = uses.Where(u => !u.IsReadOnly || (content is not null && u.Entry.Target.IsAtOrBelow(content))).ToArray();
        return writers.Length == 0 ? uses.Count > 0 : throw new KvolException(
            ExitStatus.Busy, name.Text,
            $"is empty and is not seeded from {spec.Destination}, because it can be written to on {VolumeUse.Describe(writers)}; umount that first, or cover the directory with the empty volume: {name}:{spec.Destination}:nocopy");
    }

    /// <summary>The first mount of a volume in which nothing was written gives it owner and mode of the directory that it covers.</summary>
    private void GiveOwner(Covered? covered, MountSpec spec, VolumeName name, MountSource source, Mounted volume)
    {
        if (covered is null || spec.Subpath is not null || !(volume.Takes is null ? volume.IsNew : volume.Takes != TopParts.None && VolumeTop.IsAsMade(source.Status, () => session.Store!.IsEmpty(name))) || !given.Add(name))
        {
            return;
        }

        try
        {
            session.Store!.TakeOwner(name, covered.Status, volume.Takes);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly)
        {
            // A store that became read-only can still be mounted read-only, as it is.
        }
    }
}

/// <summary>What a spec's volume is before it is mounted.</summary>
/// <param name="IsNew">Whether this command made it.</param>
/// <param name="Takes">See <see cref="Volume.Takes"/>.</param>
internal readonly record struct Mounted(bool IsNew, TopParts? Takes);
