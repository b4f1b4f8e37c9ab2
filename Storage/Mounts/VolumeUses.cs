using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What uses a volume, in all mount namespaces.</summary>
internal static class VolumeUses
{
    /// <summary>The mounts that show the volume or lie in it; an error (75) if a namespace cannot be examined.</summary>
    public static IReadOnlyList<VolumeUse> Find(IVolumeStore store, VolumeName name) =>
        new KvolMounts(store, []).UsesOf(name, store.ContentPath(name));

    /// <summary>Throws an error (75) that lists the uses of a volume and says how to end them. Who holds it counts, other hosts count, and
    /// so does a process that uses it through a mount that was detached from its mount point. With <paramref name="evenSnapshots"/>, mounts
    /// of its snapshots count.</summary>
    public static void RequireNone(Context context, IVolumeStore store, VolumeName name, bool evenSnapshots = true)
    {
        RequireNoneNow(context, store, name, evenSnapshots);
        HostUsage.Forget(context, store, name, evenSnapshots);
    }

    private static void RequireNoneNow(Context context, IVolumeStore store, VolumeName name, bool evenSnapshots)
    {
        HostUsage.RequireNone(store, name, evenSnapshots: evenSnapshots);
        Holds.RequireNone(context, store, name);
        var mounts = new KvolMounts(store, []);
        var path = store.ContentPath(name);
        if (mounts.UsesOf(name, path).Where(u => evenSnapshots || u.Snapshot is null).ToArray() is { Length: > 0 } uses)
        {
            throw Refusals.InUse(name.Text, "is mounted", uses, CommandsFor(context, uses));
        }

        // Without a path its content is not visible.
        if (path is not null && StraysOf(mounts, store, name, evenSnapshots) is { Count: > 0 } strays)
        {
            throw Strays(name.Text, strays);
        }
    }

    /// <summary>What processes use of a volume whose content is visible, through mounts that are in no table; with
    /// <paramref name="evenSnapshots"/>, of what is removed with it.</summary>
    public static IReadOnlyList<HeldObject> StraysOf(KvolMounts mounts, IVolumeStore store, VolumeName name, bool evenSnapshots)
    {
        using var content = evenSnapshots ? store.OpenRemovable(name) : store.OpenContent(name);
        if (!Files.Status(content).IsDirectory)
        {
            return []; // a damaged volume
        }

        using var directory = Files.Reopen(content);
        return mounts.StraysWithin(directory);
    }

    /// <summary>The error (75) of processes that use something through a mount that is in no table.</summary>
    public static KvolException Strays(string subject, IReadOnlyList<HeldObject> strays)
    {
        var holders = string.Join(", ",
            strays.Take(VolumeUse.MostNamed).Select(s => $"{ProcessTable.Describe(s.Pid)} by its {s.Place}"));
        return new KvolException(ExitStatus.Busy, subject,
            $"is still used through a mount that was detached (umount -l), by {holders}; end that process first: kill {strays[0].Pid}");
    }

    /// <summary>The kvol commands that unmount the uses in this mount namespace, one for each root directory; none if no run record has
    /// them.</summary>
    public static IReadOnlyList<string> CommandsFor(Context context, IReadOnlyList<VolumeUse> uses)
    {
        MountEntry[] here = [.. uses.Where(u => u.Pid is null).Select(u => u.Entry)];
        if (here.Length == 0)
        {
            return [];
        }

        try
        {
            using var runs = RunRecords.Open(context.Configuration, context.Upkeep, create: false);
            return [.. runs.All().SelectMany(r => r.Mounts.Where(m => here.Any(m.IsOf)), (r, m) => (r.Path, m.Destination)).Distinct()
                .GroupBy(m => m.Path, m => Shown.Quoted(m.Destination)).Take(VolumeUse.MostNamed)
                .Select(g => $"kvol umount {Shown.Quoted(g.Key)} {string.Join(' ', g)}")];
        }
        catch (KvolException)
        {
            return []; // no records: kvol did not make the mounts
        }
    }

    /// <summary>Unmounts kvol's mounts of a volume in this namespace, last one first, never by force. Calls <paramref name="unmounted"/>
    /// for each.</summary>
    public static void Unmount(Context context, IVolumeStore store, VolumeName name, IEnumerable<RunRecord> records,
        Action<MountEntry> unmounted)
    {
        var mounts = new List<KvolMount>(new KvolMounts(store, records).All);
        for (var i = mounts.Count - 1; i >= 0; i--)
        {
            if (mounts[i].Volume == name)
            {
                Unmounting.One(mounts[i].Entry, Unmounting.Anywhere, force: false, context.Plan);
                unmounted(mounts[i].Entry);
            }
        }
    }
}
