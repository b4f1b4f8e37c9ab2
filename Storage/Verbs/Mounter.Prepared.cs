using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A volume that is ready to be mounted by another program.</summary>
/// <param name="Path">The directory to mount.</param>
internal sealed record PreparedVolume(MountSpec Spec, ByteString Path, bool VolumeCreated, SeedRecord? Seeded);

/// <content>Volumes that another program mounts.</content>
internal sealed partial class Mounter
{
    private IReadOnlyList<string> covers = [];

    /// <summary>Makes and seeds the volumes of all specs as a mount does, but mounts nothing; or undoes what was done and throws. The
    /// results are in the order of the specs. <paramref name="check"/> is called before anything is made, and <paramref name="complete"/>
    /// at the end, while all locks are held: if it throws, everything is undone. What lies below the destinations of
    /// <paramref name="covers"/> in the root directory is not what the container will see there, so no volume is seeded from it.</summary>
    public static IReadOnlyList<PreparedVolume> Prepare(Context context, string rootPath, IReadOnlyList<MountSpec> specs,
        IReadOnlyList<string> covers, Action<RootSession> check, Action<RootSession, IReadOnlyList<PreparedVolume>> complete) =>
        WithLocks(context, rootPath, specs, (session, parsed) =>
        {
            check(session);
            return new Mounter(session, null, force: false, snapshots: false) { covers = covers }.PrepareAll(parsed, complete);
        });

    private PreparedVolume[] PrepareAll(IReadOnlyList<MountSpec> specs, Action<RootSession, IReadOnlyList<PreparedVolume>> complete)
    {
        try
        {
            var results = new Dictionary<MountSpec, PreparedVolume>();
            waiting.AddRange(specs.OrderBy(s => s.Depth));
            while (waiting.Count > 0)
            {
                session.Context.Interrupt.ThrowIfCancellationRequested();
                var spec = waiting[0];
                waiting.RemoveAt(0);
                results[spec] = Failures.Name(spec.Volume!.Text, () => PrepareOne(spec, results.Keys));
            }

            PreparedVolume[] prepared = [.. specs.Select(s => results[s])];
            session.Context.Interrupt.ThrowIfCancellationRequested();
            complete(session, prepared);
            return prepared;
        }
        catch
        {
            undo.Run();
            throw;
        }
    }

    private PreparedVolume PrepareOne(MountSpec spec, IEnumerable<MountSpec> before)
    {
        var outer = before.Where(b => IsBelow(spec.Destination, b.Destination)).MaxBy(b => b.Depth);
        using var place = IsHidden(spec.Destination, outer) ? null
            : outer is null ? session.PlaceOf(spec.Destination) : PlaceIn(outer, spec);
        if (outer is null)
        {
            MountCheck.RefuseOwnPlaces(session, spec, place);
        }

        using var covered = Covered.Of(spec, place, session.Store);
        var volume = EnsureVolume(spec, covered);
        using (var source = MountSources.Open(spec, session))
        {
            if (outer is null)
            {
                MountSources.RefuseOverlap(spec, source, root, place);
            }

            if (place is not null)
            {
                MountCheck.Fits(session, spec, source, place.Status);
            }

            var seeded = Seed(covered, spec, spec.Volume!, volume);
            if (seeded is null && !SeedAhead(spec, spec.Volume!, volume))
            {
                GiveOwner(covered, spec, spec.Volume!, source, volume);
                bound.Add(spec.Volume!);
                return new PreparedVolume(spec, source.Path, volume.IsNew, null);
            }

            bound.Add(spec.Volume!);
            using var filled = MountSources.Open(spec, session); // the seeding may have replaced the directory
            return new PreparedVolume(spec, filled.Path, volume.IsNew, seeded);
        }
    }

    // What a volume covers that will be mounted inside another one of this command.
    private MountPlace? PlaceIn(MountSpec outer, MountSpec spec)
    {
        using var content = session.Store!.OpenContent(outer.Volume!);
        try
        {
            return MountPlace.Of(RootedPath.Open(content, new ByteString(spec.Destination[outer.Destination.Length..])));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null;
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop or Failure.WrongType)
        {
            throw new KvolException(ExitStatus.CannotCreate, spec.Destination, $"a part of it is no directory in {outer.Volume}");
        }
    }

    // Whether a mount that is not of this command covers what is there; one that lies around the outer volume of it does not matter.
    private bool IsHidden(string destination, MountSpec? outer = null) =>
        covers.Any(c => IsBelow(destination, c) && !(outer is not null && IsBelow(outer.Destination, c)));

    private static bool IsBelow(string path, string above) =>
        path.StartsWith(above.TrimEnd('/') + "/", StringComparison.Ordinal);
}
