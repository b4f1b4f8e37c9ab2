using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol rm --keep</c>, <c>undelete</c>, <c>ls --deleted</c>, and what <c>gc</c> does with the deleted.</summary>
internal static class Deleting
{
    /// <summary>Deletes a volume that nothing uses, so that it can come back for a while; with <paramref name="force"/>, kvol's own mounts
    /// of it are unmounted first.</summary>
    public static void Keep(Context context, VolumeName name, TimeSpan time, bool force)
    {
        using var volume = OpenedVolume.Existing(context, name);
        volume.RequireUnused(unmountFirst: force);
        var now = DateTimeOffset.UtcNow;
        volume.Store.Keep(name, new DeletionRecord(now, now + time));
    }

    public static IReadOnlyList<DeletedVolume> List(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn);
        return store is null ? [] : store.Deleted(damaged);
    }

    /// <summary>Brings back the volume of this name that was deleted last, or the one with this id.</summary>
    public static DeletedVolume Undelete(Context context, string nameOrId)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn) ?? throw NotKept(nameOrId);
        var name = Find(store, context, nameOrId).Name;
        using var held = new VolumeLocks(store, [name], context);
        var found = Find(store, context, nameOrId); // another command may have been at it
        if (store.Find(name) is not null)
        {
            throw Refusals.Taken(name.Text, "rename or remove that one first");
        }

        store.Undelete(found);
        return found;
    }

    /// <summary>Whether the time of a deletion is over. A clock that went back since says nothing of time.</summary>
    public static bool IsPast(DeletedVolume deleted) => DateTimeOffset.UtcNow is var now && now >= deleted.At && now >= deleted.Until;

    /// <summary>Ends a deletion for good; false when it is over already, or the volume is mounted somewhere.</summary>
    public static bool Purge(Context context, IVolumeStore store, DeletedVolume deleted)
    {
        using var held = new VolumeLocks(store, [deleted.Name], context);
        return store.Deleted(_ => { }).Contains(deleted) && store.Purge(deleted);
    }

    private static DeletedVolume Find(IVolumeStore store, Context context, string nameOrId)
    {
        var all = store.Deleted(e => context.Warn(e.Message));
        return all.LastOrDefault(d => d.Id == nameOrId) ?? all.LastOrDefault(d => d.Name.Text == nameOrId) ?? throw NotKept(nameOrId);
    }

    private static KvolException NotKept(string nameOrId) =>
        new(ExitStatus.NoInput, new ByteString(nameOrId).ToString(),
            "no deleted volume of this name or id is kept; 'kvol ls --deleted' lists them");
}
