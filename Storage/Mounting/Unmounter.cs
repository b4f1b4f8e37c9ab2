using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>Undoes the mounts of one root directory, children first; goes on past what is busy.</summary>
internal static class Unmounter
{
    /// <summary>Unmounts kvol's mounts on <paramref name="destinations"/>, or all of them when there are none. What could not be undone is thrown
    /// at the end as one error (75); with nothing to do it succeeds. The paths that were unmounted.</summary>
    public static IReadOnlyList<string> Run(Context context, string rootPath, IReadOnlyList<string> destinations, bool force)
    {
        var wanted = destinations.Select(d => MountSpec.ParseDestination(d, d)).ToArray();
        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn);
        using var runs = RunRecords.Open(context.Configuration);
        using var held = RunRecords.Lock(root, context);
        var done = new List<string>();
        var busy = new List<KvolException>();
        var mounts = new KvolMounts(store, runs.All());
        using var directory = store?.OpenRecords(create: true) ?? RunRecords.OpenMountPoints(context.Configuration);
        var mountPoints = new MountPointRecords(directory, root.Identity);
        foreach (var mount in Select(mounts, root, wanted))
        {
            try
            {
                foreach (var inner in mounts.Table.Entries.Where(e => mount.Record?.Inner.Contains(e.Id) == true && e.Target.IsBelow(mount.Entry.Target)).Reverse())
                {
                    Unmount.One(inner, force); // what 'recursive' took along
                }

                if (Unmount.One(mount.Entry, force))
                {
                    done.Add(mount.Entry.Target.ToString());
                    mountPoints.RemoveUnused(root); // now, while the volume that it may be in is still mounted
                }
            }
            catch (KvolException e)
            {
                busy.Add(e);
            }
            catch (NativeException e)
            {
                busy.Add(new KvolException(ExitStatus.Busy, e.Subject, e.Reason));
            }
        }

        mountPoints.RemoveUnused(root);
        try
        {
            var left = MountTable.Read();
            runs.Write(root, runs.Of(root).Where(r => left.Find(r.Id) is not null));
        }
        catch (NativeException e)
        {
            context.Warn($"{e.Message}; the mounts are undone, but not all records of them"); // a full disk must not keep a jail from stopping
        }

        foreach (var error in busy.SkipLast(1))
        {
            context.Warn(error.Message);
        }

        return busy.Count == 0 ? done : throw new KvolException(ExitStatus.Busy, busy[^1].Message, "try again when it is free");
    }

    private static IEnumerable<KvolMount> Select(KvolMounts mounts, RootDirectory root, string[] wanted)
    {
        var below = mounts.All.Where(m => m.Entry.Target.IsBelow(root.Path)).Reverse().ToArray();
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
                continue; // nothing is mounted there: nothing to do
            }

            var path = mounts.Table.Find(Files.Status(there).MountId)?.Target;
            var here = below.Where(m => m.Entry.Target.Equals(path)).ToArray();
            if (here.Length == 0)
            {
                throw new KvolException(ExitStatus.Busy, destination, "what is mounted there was not mounted by kvol; it is left alone");
            }

            chosen.UnionWith(here.Select(m => m.Entry.Id));
        }

        return below.Where(m => chosen.Contains(m.Entry.Id));
    }
}
