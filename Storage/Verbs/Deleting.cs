using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol rm --keep</c>, <c>undelete</c>, <c>ls --deleted</c>, and how <c>gc</c> treats deleted volumes.</summary>
internal static class Deleting
{
    /// <summary>Deletes an unused volume so that it can be brought back for a while; with <paramref name="force"/>, unmounts kvol's own
    /// mounts of it first.</summary>
    public static void Keep(Context context, VolumeName name, TimeSpan time, bool force) => Failures.Name(name.Text, () =>
    {
        using var volume = OpenedVolume.Existing(context, name);
        volume.RequireUnused(unmountFirst: force);
        var now = DateTimeOffset.UtcNow;
        volume.Store.Keep(name, new DeletionRecord(now, now + time));
    });

    public static IReadOnlyList<DeletedVolume> List(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store is null ? [] : store.Deleted((id, e) => damaged(WithWayOut(id, e)));
    }

    /// <summary>The error of a deleted volume whose record is damaged, with the remedy.</summary>
    public static KvolException WithWayOut(string id, KvolException error) =>
        VolumeName.IsValid(id) ? error.With($"'kvol undelete {id}' brings it back as the volume {id}") : error;

    /// <summary>Brings back the last deleted volume of this name, or the one with this id; one whose record is damaged under its
    /// id.</summary>
    public static DeletedVolume Undelete(Context context, string nameOrId)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep) ?? throw NotKept(nameOrId);
        var name = Find(store, context.Warn, nameOrId).Name;
        using var held = new VolumeLocks(store, [name], context);
        var found = Find(store, _ => { }, nameOrId); // another command may have changed it
        if (store.Find(name) is not null)
        {
            throw Refusals.Taken(name.Text, "rename or remove that one first");
        }

        Failures.Name(name.Text, () => store.Undelete(found));
        return found;
    }

    /// <summary>Whether a deleted volume has expired. It has not if the clock was set back since the deletion.</summary>
    public static bool IsPast(DeletedVolume deleted) => DateTimeOffset.UtcNow is var now && now >= deleted.At && now >= deleted.Until;

    /// <summary>Removes a deleted volume for good; false if it is already gone, or is mounted somewhere.</summary>
    public static bool Purge(Context context, IVolumeStore store, DeletedVolume deleted)
    {
        using var held = new VolumeLocks(store, [deleted.Name], context);
        return store.Deleted((_, _) => { }).Contains(deleted) && store.Purge(deleted);
    }

    private static DeletedVolume Find(IVolumeStore store, Action<string> warn, string nameOrId)
    {
        DeletedVolume? damaged = null;
        var all = store.Deleted((id, e) =>
        {
            if (id == nameOrId && VolumeName.IsValid(id))
            {
                damaged = new DeletedVolume(id, VolumeName.Parse(id), default, default);
            }
            else
            {
                warn(WithWayOut(id, e).Message);
            }
        });
        return all.LastOrDefault(d => d.Id == nameOrId) ?? all.LastOrDefault(d => d.Name.Text == nameOrId) ?? damaged
            ?? throw NotKept(nameOrId);
    }

    private static KvolException NotKept(string nameOrId) =>
        new(ExitStatus.NoInput, new ByteString(nameOrId).ToString(),
            "no deleted volume of this name or id is kept; 'kvol ls --deleted' lists them");
}
