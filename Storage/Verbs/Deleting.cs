using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>How long a removed volume is kept.</summary>
/// <param name="IsAsked">Whether the command says so, and not the configuration.</param>
internal sealed record KeepTime(TimeSpan Time, bool IsAsked)
{
    /// <summary>What the configuration says, unless the command gives a time or wants the volume destroyed.</summary>
    public static KeepTime? Of(Context context, TimeSpan? asked, bool destroys) => asked is { } time ? new KeepTime(time, true)
        : !destroys && context.Configuration.Trash is { } trash ? new KeepTime(trash, false) : null;
}

/// <summary>What all deleted volumes take.</summary>
/// <param name="Past">How many are kept longer than their time, because no <c>gc</c> has run since.</param>
internal sealed record DeletedSpace(int Count, long Bytes, DateTimeOffset FirstUntil, int Past);

/// <summary>Deleted volumes that are kept: <c>undelete</c>, <c>ls --deleted</c>, <c>rm --deleted</c>, and how <c>gc</c> treats
/// them.</summary>
internal static class Deleting
{
    /// <summary>The record of a deletion now.</summary>
    public static DeletionRecord Record(TimeSpan time)
    {
        var now = DateTimeOffset.UtcNow;
        return new DeletionRecord(now, now + time, Moment());
    }

    public static IReadOnlyList<DeletedVolume> List(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store is null ? [] : store.Deleted((id, e) => damaged(WithWayOut(id, e)));
    }

    /// <summary>What all of them take; null if there are none.</summary>
    public static DeletedSpace? Space(IVolumeStore store) => Uses(store, (_, _) => { }) is not { Count: > 0 } all ? null
        : new DeletedSpace(all.Count, all.Sum(d => d.Bytes), all.Min(d => d.Volume.Deletion.Until),
            all.Select(d => d.Volume).Count(PastNow()));

    /// <summary>The bytes that each of them takes.</summary>
    public static IReadOnlyList<(DeletedVolume Volume, long Bytes)> Uses(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store is null ? [] : Uses(store, (id, e) => damaged(WithWayOut(id, e)));
    }

    private static IReadOnlyList<(DeletedVolume Volume, long Bytes)> Uses(IVolumeStore store, Action<string, KvolException> damaged)
    {
        var all = new List<(DeletedVolume, long)>();
        foreach (var deleted in store.Deleted(damaged))
        {
            try
            {
                all.Add((deleted, store.Used(deleted)));
            }
            catch (Exception e) when (Failures.IsGone(e))
            {
                // another command brought it back or removed it
            }
        }

        return all;
    }

    /// <inheritdoc cref="Space(IVolumeStore)"/>
    public static DeletedSpace? Space(Context context)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store is null ? null : Space(store);
    }

    /// <summary>The error of a deleted volume whose record is damaged, with the remedy.</summary>
    public static KvolException WithWayOut(string id, KvolException error) =>
        VolumeName.IsValid(id) ? error.With($"'kvol undelete {id}' brings it back as the volume {id}") : error;

    /// <summary>Brings back the last deleted volume of this name, or the one with this id; one whose record is damaged under its id. What a
    /// volume held before a rollback comes back into that volume.</summary>
    public static DeletedVolume Undelete(Context context, string nameOrId)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep) ?? throw NotKept(nameOrId);
        var name = Find(store, context.Warn, nameOrId).Name;
        using var held = new VolumeLocks(store, [name], context);
        var found = Find(store, _ => { }, nameOrId); // another command may have changed it
        if (store.Find(name) is not { } there)
        {
            RefuseRenamed(store, found);
            Failures.Name(name.Text, () => store.Undelete(found));
            LastUses.See(context, store, name); // who brings it back wants it again
            var time = found.Deletion.Until - found.Deletion.At;
            if (time.TotalSeconds >= 1) // a damaged record does not tell it
            {
                WayBack.Say(context, $"{name}: to take it back", "rm", "--keep", $"{(long)time.TotalSeconds}", name.Text);
            }
        }
        else if (found.Deletion.RolledBackTo is not null && found.Created == there.Created)
        {
            Failures.Name(name.Text, () => Return(context, OpenedVolume.In(context, store, name), found));
        }
        else
        {
            throw new KvolException(ExitStatus.CannotCreate, name.Text,
                $"already exists, created {Timestamp.Local(there.Created)}; rename or remove that one first");
        }

        return found;
    }

    // What a rollback replaced belongs into that volume, and is no second volume beside it.
    private static void RefuseRenamed(IVolumeStore store, DeletedVolume found)
    {
        if (found.Deletion.RolledBackTo is not null
            && store.List(_ => { }).OfType<Volume>().FirstOrDefault(v => v.Created == found.Created) is { Name: var now })
        {
            throw new KvolException(ExitStatus.Busy, found.Name.Text,
                $"the volume was renamed to {now} after the rollback; to bring this back into it, rename it first: "
                + $"kvol rename {now} {found.Name}");
        }
    }

    /// <summary>Removes a deleted volume for good: the one with this id, or the only one of this name.</summary>
    public static DeletedVolume Destroy(Context context, string nameOrId)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep) ?? throw NotKept(nameOrId);
        var found = Find(store, context.Warn, nameOrId);
        if (found.Id != nameOrId && store.Deleted((_, _) => { }).Where(d => d.Name == found.Name).ToArray() is { Length: > 1 } several)
        {
            throw new KvolException(ExitStatus.Usage, found.Name.Text,
                $"{several.Length} deleted volumes have this name; give an id: {string.Join(", ", several.Select(d => d.Id))}");
        }

        using var held = new VolumeLocks(store, [found.Name], context);
        found = Find(store, _ => { }, found.Id);
        return Failures.Name(found.Name.Text, () => store.Purge(found), fills: false) ? found
            : throw new KvolException(ExitStatus.Busy, found.Name.Text,
                $"the deleted volume {found.Id} is mounted; findmnt(8) or mount(8) shows where; unmount it first");
    }

    /// <summary>Says how to bring back volumes that were just removed.</summary>
    public static void SayWayBack(Context context, IReadOnlyList<DeletedVolume> kept)
    {
        if (kept.Count > 0)
        {
            WayBack.Say(context, $"{string.Join(", ", kept.Select(k => k.Name))}: kept until "
                + $"{Timestamp.Local(kept[0].Deletion.Until)}; to bring {(kept.Count == 1 ? "it" : "them")} back", "undelete",
                kept.Select(k => k.Id));
        }
    }

    /// <summary>Tells which deleted volumes have expired at this moment.</summary>
    public static Func<DeletedVolume, bool> PastNow()
    {
        var (now, moment) = (DateTimeOffset.UtcNow, Moment());
        return deleted => deleted.Deletion.IsPast(now, moment);
    }

    /// <summary>Removes a deleted volume for good; false if it is already gone, or is mounted somewhere. What depends on it, such as a
    /// clone, is passed to <paramref name="refused"/>: unlike a lock, such an obstacle does not end by itself.</summary>
    public static bool Purge(Context context, IVolumeStore store, DeletedVolume deleted, Action<KvolException> refused)
    {
        using var held = new VolumeLocks(store, [deleted.Name], context);
        try
        {
            return store.Deleted((_, _) => { }).Contains(deleted) && store.Purge(deleted);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            refused(e);
            return false;
        }
    }

    private static void Return(Context context, OpenedVolume volume, DeletedVolume found)
    {
        volume.RequireUnused();
        var deletion = found.Deletion;
        var kept = volume.Store.Return(found, Record(deletion.Until - deletion.At) with { RolledBackTo = deletion.RolledBackTo }, context);
        WayBack.Say(context, $"{volume.Name}: what it held until now is kept; to exchange them again", "undelete", kept.Id);
    }

    private static BootMoment Moment() => new(Host.BootId, Environment.TickCount64);

    private static DeletedVolume Find(IVolumeStore store, Action<string> warn, string nameOrId)
    {
        DeletedVolume? damaged = null;
        var all = store.Deleted((id, e) =>
        {
            if (id == nameOrId && VolumeName.IsValid(id))
            {
                damaged = new DeletedVolume(id, VolumeName.Parse(id), new DeletionRecord(default, default));
            }
            else
            {
                warn(WithWayOut(id, e).Message);
            }
        });
        return all.LastOrDefault(d => d.Id == nameOrId)
            ?? all.LastOrDefault(d => d.Name.Text == nameOrId && d.Deletion.RolledBackTo is null) ?? damaged
            ?? throw (all.LastOrDefault(d => d.Name.Text == nameOrId) is { } content
                ? new KvolException(ExitStatus.Usage, content.Name.Text,
                    $"only its content from before a rollback is kept; to bring that back: kvol undelete {content.Id}")
                : NotKept(nameOrId));
    }

    private static KvolException NotKept(string nameOrId) =>
        new(ExitStatus.NoInput, new ByteString(nameOrId).ToString(),
            "no deleted volume of this name or id is kept; 'kvol ls --deleted' lists them");
}
