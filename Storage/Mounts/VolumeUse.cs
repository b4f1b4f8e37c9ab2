using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A mount that shows a volume or lies in it. <paramref name="Pid"/> is a process of the mount namespace that it is in; null for this process's own.</summary>
internal sealed record VolumeUse(MountEntry Entry, int? Pid)
{
    private const int MostNamed = 8;

    /// <summary>The uses in all mount namespaces; an error (75) when one cannot be seen.</summary>
    public static IReadOnlyList<VolumeUse> Find(IVolumeStore store, VolumeName name) => new KvolMounts(store, []).UsesOf(name, store.ContentPath(name));

    /// <summary>An error (75) that lists the uses of a volume and says how to end them. A process counts that holds something of it on a mount that
    /// was taken from its place.</summary>
    public static void RequireNone(Context context, IVolumeStore store, VolumeName name)
    {
        var mounts = new KvolMounts(store, []);
        var path = store.ContentPath(name);
        if (mounts.UsesOf(name, path) is { Count: > 0 } uses)
        {
            throw Refusal(name.Text, "is mounted", uses, context);
        }

        if (path is null)
        {
            return; // nothing of it can be seen
        }

        using var content = store.OpenContent(name);
        using var directory = Files.Reopen(content);
        if (mounts.StraysWithin(directory) is { Count: > 0 } strays)
        {
            var holders = string.Join(", ", strays.Take(MostNamed).Select(s => $"{ProcessTable.Describe(s.Pid)} by its {s.Place}"));
            throw new KvolException(ExitStatus.Busy, name.Text, $"is held on a mount that has no place any more (umount -l) by {holders}; end that process first: kill {strays[0].Pid}");
        }
    }

    /// <summary>The error (75) that names mounts and the way out of them.</summary>
    public static KvolException Refusal(string subject, string what, IReadOnlyList<VolumeUse> uses, Context? context = null) =>
        new(ExitStatus.Busy, subject, $"{what} on {Describe(uses)}; {WayOut(uses, context)}");

    /// <summary>The commands that unmount the first of the uses here and in another mount namespace: kvol's own for a mount that is in its
    /// run records.</summary>
    public static string WayOut(IReadOnlyList<VolumeUse> uses, Context? context)
    {
        var elsewhere = uses.FirstOrDefault(u => u.Pid is not null);
        var here = uses.FirstOrDefault(u => u.Pid is null);
        return (here is null ? "" : $"unmount it first: {here.Command(context)}")
            + (here is null || elsewhere is null ? "" : "; and ")
            + (elsewhere is null ? "" : $"unmount it there: nsenter -t {elsewhere.Pid} -m umount {Shown.Quoted(elsewhere.Entry.Target.Text)}");
    }

    private string Command(Context? context)
    {
        foreach (var root in context is null ? [] : Records(context))
        {
            if (root.Mounts.FirstOrDefault(m => m.Id == Entry.Id) is { } mount)
            {
                return $"kvol umount {Shown.Quoted(root.Path)} {Shown.Quoted(mount.Destination)}";
            }
        }

        return $"umount {Shown.Quoted(Entry.Target.Text)}";
    }

    private static IReadOnlyList<RootRecord> Records(Context context)
    {
        try
        {
            using var runs = RunRecords.Open(context.Configuration, context.Warn, create: false);
            return runs.All();
        }
        catch (KvolException)
        {
            return []; // there are none: kvol did not make the mount
        }
    }

    /// <summary>How uses are named in a message.</summary>
    public static string Describe(IReadOnlyList<VolumeUse> uses)
    {
        var places = uses.Select(u => (u.Entry.Target, u.Pid)).Distinct().ToArray();
        return string.Join(", ", places.Take(MostNamed).Select(p => p.Target + (p.Pid is { } pid ? $" (in the mount namespace of {ProcessTable.Describe(pid)})" : "")))
            + (places.Length > MostNamed ? $" and {places.Length - MostNamed} more" : "");
    }
}

/// <summary>Removes a volume only when nothing uses it. The caller holds its lock.</summary>
internal static class VolumeRemoval
{
    public static void RemoveUnused(Context context, IVolumeStore store, VolumeName name, bool force)
    {
        VolumeUse.RequireNone(context, store, name);
        store.Remove(name, force);
    }

    /// <summary>Unmounts kvol's mounts of a volume in this namespace, the last one first, never by force.</summary>
    public static void UnmountAll(IVolumeStore store, VolumeName name, IEnumerable<RunRecord> records)
    {
        var mounts = new List<KvolMount>(new KvolMounts(store, records).All);
        for (var i = mounts.Count - 1; i >= 0; i--)
        {
            if (mounts[i].Volume == name)
            {
                Unmounting.One(mounts[i].Entry, force: false);
            }
        }
    }
}
