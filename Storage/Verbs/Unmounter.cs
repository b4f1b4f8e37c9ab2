using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Undoes the mounts of one root directory, children first; skips what is busy.</summary>
internal static class Unmounter
{
    /// <summary>Unmounts kvol's mounts on <paramref name="destinations"/>, or all of them if none is given. At the end, throws one error
    /// (75) for what could not be undone; succeeds if there is nothing to do.</summary>
    public static void Run(Context context, string rootPath, IReadOnlyList<string> destinations, bool force)
    {
        var wanted = destinations.Select(d => MountSpec.ParseDestination(d, d)).ToArray();
        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        using var session = new RootSession(context, store, root);
        if (session.Record.Mounts.Count == 0)
        {
            session.LookEverywhere();
        }

        var unknown = new List<string>();
        var chosen = Select(session, root, wanted, unknown);
        if (wanted.Length == 0 && chosen.Count == 0)
        {
            RefuseMountItself(session, root);
        }

        var undoing = new Undoing(session, force, TimeSpan.Zero) { CalledBy = wanted };
        Finish(session, undoing, chosen);
        foreach (var destination in wanted.Length > 1 ? unknown : [])
        {
            context.Warn(NotThere(session, destination).Message);
        }

        if (unknown.Count > 0)
        {
            throw wanted.Length == 1 ? NotThere(session, unknown[0])
                : new KvolException(ExitStatus.SomeFailed, session.Path, "the other destinations are unmounted");
        }
    }

    /// <summary>Unmounts what was mounted for the jail of a root directory, or for none, and is not declared. A mount that another attached
    /// jail was given too stays with that jail. Errors as above.</summary>
    public static void RunUndeclared(Context context, DeclaredRoot wanted)
    {
        using var root = RootDirectory.Open(wanted.Path, context.Configuration.Root);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        using var session = new RootSession(context, store, root);
        var gone = RootPlan.Undeclared(session.MountsInside(), wanted).ToArray();
        var destinations = gone.Select(m => m.Record!.Destination).ToHashSet();
        var mine = wanted.Jail is { } jail ? Ownership.Release(session, jail, destinations) : gone;
        Finish(session, new Undoing(session, Force: false, TimeSpan.Zero) { CalledBy = [.. destinations] }, mine);
        if (wanted.Jail is not null && session.Record.Of(wanted.Jail) is { } attachment)
        {
            session.Record = session.Record.With(attachment.Without(destinations));
            session.Save(isUndoing: true);
        }
    }

    private static void Finish(RootSession session, Undoing undoing, IReadOnlyList<KvolMount> mounts) =>
        Finish(session, undoing.Run(mounts), undoing.LeftMountPoints);

    /// <summary>Records what is left, and throws what could not be undone.</summary>
    public static void Finish(RootSession session, IReadOnlyList<KvolException> busy, bool leftMountPoints)
    {
        Settle(session, leftMountPoints);
        foreach (var error in busy.Skip(1))
        {
            session.Context.Warn(error.Message);
        }

        if (busy.Count > 0)
        {
            throw busy[0];
        }
    }

    /// <summary>Records what is left after unmounting. An attachment without mounts ends, unless mount points are left that repeating the
    /// command removes.</summary>
    public static void Settle(RootSession session, bool leftMountPoints)
    {
        session.Settle();
        foreach (var attachment in session.Record.Attachments.Where(a => !leftMountPoints && !Ownership.HasAny(session, a)).ToArray())
        {
            session.Record = session.Record.Without(attachment.Jail);
        }

        try
        {
            session.Save(isUndoing: true);
        }
        catch (NativeException e)
        {
            // a full disk must not keep a jail from stopping
            session.Context.Warn($"{e.Message}; the mounts are undone, but not all records of them");
        }
    }

    /// <summary>Removes mounts that another verb unmounted from the records of their root directory, and their mount points. It does not
    /// wait for the lock of the root directory, because the caller already holds the lock of a volume, which must be taken later. A record
    /// that stays does no harm, and the next command in the root directory removes it.</summary>
    public static void Forget(Context context, IVolumeStore store, RootRecord record, IReadOnlyList<RunRecord> gone)
    {
        try
        {
            using var root = Detacher.Reopen(context, store, record);
            var hurried = context with { WaitLimit = TimeSpan.Zero };
            using var session = root is null ? RootSession.OfMissing(hurried, store, record) : new RootSession(hurried, store, root);
            var left = root is null ? [] : session.MountPoints.RemoveUnused(root);
            Settle(session, left.Count > 0);
            UndoneMounts.Add(session, [.. gone.Select(m => m.Target)], [.. gone.Select(m => m.Destination)]);
        }
        catch (Exception e) when (e is KvolException { Status: ExitStatus.Busy }
            or NativeException { Failure: Failure.NoSpace or Failure.ReadOnly })
        {
            // another kvol works there, or no record can be written: it stays as it is
        }
    }

    private static KvolException NotThere(RootSession session, string destination) =>
        new(ExitStatus.NoInput, destination, $"kvol has nothing mounted there in {session.Path}; 'kvol mounts' lists what it has mounted");

    // A user who names the mount itself as the root directory wants it unmounted. Nothing is mounted below it, but that must not look like
    // success.
    private static void RefuseMountItself(RootSession session, RootDirectory root)
    {
        if (session.Mounts.Table.RowOf(root.Descriptor) is not { } row || !row.Target.Equals(root.Path)
            || session.Mounts.Find(row) is not { } mount
            || UndoneMounts.Contains(session, null))
        {
            return;
        }

        var slash = session.Path.LastIndexOf('/');
        var home = session.Runs.All().FirstOrDefault(r => r.Mounts.Any(m => m.IsOf(mount.Entry)));
        var (rootPath, destination) = home is not null && mount.Record is { } record ? (home.Path, record.Destination)
            : (slash == 0 ? "/" : session.Path[..slash], session.Path[slash..]);
        throw new KvolException(
            ExitStatus.NoInput, session.Path,
            $"is the mount of {mount.Source} itself, and kvol has nothing mounted below it; "
            + $"to unmount it: kvol umount {Shown.Quoted(rootPath)} {Shown.Quoted(destination)}");
    }

    private static IReadOnlyList<KvolMount> Select(RootSession session, RootDirectory root, string[] wanted, List<string> unknown)
    {
        var below = session.MountsInside().ToArray();
        if (wanted.Length == 0)
        {
            return below;
        }

        var chosen = new HashSet<ulong>();
        foreach (var destination in wanted)
        {
            using var there = root.Find(destination) ?? Fd.None;
            if (!there.IsOpen || !Files.Status(there).IsMountRoot)
            {
                // No mount of kvol's is seen there: another mount may cover it.
                var place = root.Path.Plus(new ByteString(destination));
                var covered = below.Where(m => m.Entry.Target.Equals(place) && session.Mounts.Table.CoverOf(m.Entry) is not null).ToArray();
                chosen.UnionWith(covered.Select(m => m.Entry.Id));
                if (covered.Length == 0 && session.Record.Mounts.All(m => m.Destination != destination)
                    && !UndoneMounts.Contains(session, destination))
                {
                    unknown.Add(destination);
                }

                continue;
            }

            var path = session.Mounts.Table.Find(Files.Status(there).MountId)?.Target;
            var here = below.Where(m => m.Entry.Target.Equals(path)).ToArray();
            if (here.Length == 0)
            {
                throw new KvolException(ExitStatus.Busy, destination, "what is mounted there was not mounted by kvol; it is left alone");
            }

            chosen.UnionWith(here.Select(m => m.Entry.Id));
        }

        return [.. below.Where(m => chosen.Contains(m.Entry.Id))];
    }
}
