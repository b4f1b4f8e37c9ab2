using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Undoes the mounts of one root directory, children first; goes on past what is busy.</summary>
internal static class Unmounter
{
    /// <summary>Unmounts kvol's mounts on <paramref name="destinations"/>, or all of them when there are none. What could not be undone is
    /// thrown at the end as one error (75); with nothing to do it succeeds.</summary>
    public static void Run(Context context, string rootPath, IReadOnlyList<string> destinations, bool force)
    {
        var wanted = destinations.Select(d => MountSpec.ParseDestination(d, d)).ToArray();
        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn);
        using var session = new RootSession(context, store, root);
        var undoing = new Undoing(session, force, TimeSpan.Zero);
        Finish(session, undoing.Run(Select(session, root, wanted)), undoing.LeftMountPoints);
    }

    /// <summary>Writes down what is left, and throws what could not be undone.</summary>
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

    /// <summary>Writes down what is left after unmounting: an attachment of which nothing is mounted any more is over, unless mount points
    /// are left that repeating the command removes.</summary>
    public static void Settle(RootSession session, bool leftMountPoints)
    {
        session.Settle();
        foreach (var attachment in session.Record.Attachments.Where(a => !leftMountPoints && !Ownership.HasAny(session, a)).ToArray())
        {
            session.Record = session.Record.Without(attachment.Jail);
        }

        try
        {
            session.Save();
        }
        catch (NativeException e)
        {
            // a full disk must not keep a jail from stopping
            session.Context.Warn($"{e.Message}; the mounts are undone, but not all records of them");
        }
    }

    private static IReadOnlyList<KvolMount> Select(RootSession session, RootDirectory root, string[] wanted)
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
                // Nothing of kvol's is seen there: it may be covered, otherwise there is nothing to do.
                var place = root.Path.Plus(new ByteString(destination));
                chosen.UnionWith(below.Where(m => m.Entry.Target.Equals(place) && session.Mounts.Table.CoverOf(m.Entry) is not null)
                    .Select(m => m.Entry.Id));
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
