using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What a verb requires of the volumes that it is given, their locks being held.</summary>
internal static class Guards
{
    /// <summary>Takes the locks of several volumes in the order that all commands take them.</summary>
    public static IReadOnlyDictionary<string, IDisposable> LockAll(IVolumeStore store, Context context, params VolumeName[] names)
    {
        var held = new Dictionary<string, IDisposable>();
        try
        {
            foreach (var name in names.DistinctBy(n => n.Text).OrderBy(n => n.Text, StringComparer.Ordinal))
            {
                held[name.Text] = store.Lock(name, context);
            }

            return held;
        }
        catch
        {
            Release(held);
            throw;
        }
    }

    public static void Release(IReadOnlyDictionary<string, IDisposable> held)
    {
        foreach (var one in held.Values)
        {
            one.Dispose();
        }
    }

    /// <summary>The volume, or an error (66).</summary>
    public static Volume RequireThere(IVolumeStore store, VolumeName name) => store.Find(name) ?? throw Refusals.NoSuchVolume(name);

    /// <summary>An error (73) when the name is taken.</summary>
    public static void RequireFree(IVolumeStore store, VolumeName name, string wayOut = "choose another name")
    {
        if (store.Find(name) is not null)
        {
            throw Refusals.Taken(name.Text, wayOut);
        }
    }

    /// <summary>An error (75) that lists where the volume is mounted, or names the process that exports it.</summary>
    public static void RequireUnused(Context context, IVolumeStore store, VolumeName name)
    {
        ReadHold.RequireNone(context, store, name);
        VolumeUses.RequireNone(context, store, name);
    }

    /// <summary>Warns when the volume is mounted where it can be written to, so that reading it is not one instant.</summary>
    public static void WarnOfWriters(Context context, IVolumeStore store, VolumeName name, string where)
    {
        try
        {
            var writable = VolumeUses.Find(store, name).Where(u => !u.IsReadOnly).ToArray();
            if (writable.Length > 0)
            {
                context.Warn($"{name}: is mounted read-write on {VolumeUse.Describe(writable)}: what is written there meanwhile may be "
                    + $"in the {where} in part");
            }
        }
        catch (KvolException e)
        {
            context.Warn(e.Message);
        }
    }
}
