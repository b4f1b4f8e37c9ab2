using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Keeps the records of when volumes were last used. They are hints, so no command fails because one cannot be written: the store
/// may be full or read-only.</summary>
internal static class LastUses
{
    /// <summary>Records that volumes are used now for these jails, each volume at most once an hour.</summary>
    public static void Note(Context context, IVolumeStore? store, IEnumerable<(VolumeName Name, string? Jail)> uses)
    {
        if (store is null || context.Plan is not null)
        {
            return;
        }

        var now = DateTimeOffset.UtcNow;
        foreach (var (name, jail) in uses.DistinctBy(u => u.Name))
        {
            Try(() =>
            {
                if (store.FindUse(name) is not { } status || !UseRecords.IsFresh(status, now))
                {
                    Change(context, store, create: true, records => UseRecords.Write(records, name, now, jail));
                }
            });
        }
    }

    /// <summary>Records that a volume exists from now on, unused.</summary>
    public static void See(Context context, IVolumeStore store, VolumeName name) =>
        Change(context, store, create: true, records =>
        {
            UseRecords.Remove(records, name); // of an earlier volume of that name
            UseRecords.WriteSeen(records, name);
        });

    /// <summary>Forgets a volume that was removed.</summary>
    public static void Forget(Context context, IVolumeStore store, VolumeName name) =>
        Change(context, store, create: false, records => UseRecords.Remove(records, name));

    /// <summary>Gives the record of a volume the volume's new name.</summary>
    public static void Rename(Context context, IVolumeStore store, VolumeName name, VolumeName to) =>
        Change(context, store, create: false, records =>
        {
            UseRecords.Remove(records, to);
            Files.Rename(records, name.Bytes, records, to.Bytes);
        });

    /// <summary>Brings all records up to date: a volume that is mounted is used now, one that kvol sees for the first time counts as unused
    /// from now on, and the record of a volume that is gone goes too.</summary>
    public static void Update(Context context, IVolumeStore? store)
    {
        if (store is null || context.Plan is not null)
        {
            return;
        }

        Note(context, store, MountViews.Of(context, store, everywhere: true).Where(m => m is { Volume: not null, Host: null })
            .Select(m => (m.Volume!, Jail: m.IsHold ? null : m.Jail)).OrderBy(m => m.Jail is null));
        var volumes = store.List(_ => { }).OfType<Volume>().Select(v => v.Name).ToHashSet();
        Change(context, store, create: true, records =>
        {
            var known = UseRecords.Names(records);
            foreach (var name in known.Where(n => volumes.Contains(n) ? UseRecords.Read(records, n) is null : IsGone(store, n)))
            {
                UseRecords.Remove(records, name);
            }

            foreach (var name in volumes)
            {
                UseRecords.WriteSeen(records, name);
            }
        });
    }

    /// <summary>The records of a store, to read; none if there are none.</summary>
    public static Fd Open(IVolumeStore store)
    {
        var records = Fd.None;
        Try(() => records = store.OpenUses(create: false));
        return records;
    }

    /// <summary>What is recorded of one volume; null if nothing is.</summary>
    public static LastUse? Of(IVolumeStore store, VolumeName name)
    {
        using var records = Open(store);
        return records.IsOpen ? UseRecords.Read(records, name) : null;
    }

    /// <summary>The volumes that jails are attached to. An attachment counts also if somebody unmounted what it made.</summary>
    public static HashSet<VolumeName> Attached(Context context)
    {
        var names = new HashSet<VolumeName>();
        foreach (var spec in RunRecords.Peek(context.Configuration).SelectMany(r => r.Attachments).SelectMany(a => a.Specs))
        {
            try
            {
                names.UnionWith(MountSpec.Parse(spec).Volume is { } name ? [name] : []);
            }
            catch (KvolException)
            {
                // the record was edited by hand
            }
        }

        return names;
    }

    // A damaged volume is in no list, and is still there.
    private static bool IsGone(IVolumeStore store, VolumeName name)
    {
        try
        {
            return store.Find(name) is null;
        }
        catch (KvolException)
        {
            return false;
        }
    }

    private static void Change(Context context, IVolumeStore store, bool create, Action<Fd> change)
    {
        if (context.Plan is null)
        {
            Try(() =>
            {
                using var records = store.OpenUses(create);
                if (records.IsOpen)
                {
                    change(records);
                }
            });
        }
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is KvolException or NativeException { IsWrongQuestion: false })
        {
            // the use is recorded the next time, or what is recorded of a removed volume goes with the next gc
        }
    }
}
