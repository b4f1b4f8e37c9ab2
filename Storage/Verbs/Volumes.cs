using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Everything known about a volume, for <c>inspect</c>.</summary>
internal sealed record VolumeDetails(Volume Volume, IReadOnlyList<MountView> Mounts, LastUse? Use, long Used, string? Cloning);

/// <summary>The operations on volumes.</summary>
internal sealed class Volumes(Context context)
{
    /// <summary>Makes the store; returns its root and id.</summary>
    public (string Root, string Id) Initialize()
    {
        using var store = VolumeStores.Open(context.Configuration, create: true, context.Upkeep)!;
        return (store.Root, store.Id);
    }

    /// <summary>Creates a volume, or leaves an existing one as it is.</summary>
    public VolumeName Create(VolumeName? name, NewVolume wanted)
    {
        var chosen = name ?? VolumeName.Random();
        Failures.Name(chosen.Text, () => CreateNamed(chosen, wanted with { Anonymous = name is null }));
        return chosen;
    }

    /// <summary>Creates a volume; false if it already exists.</summary>
    public bool TryCreate(VolumeName name, NewVolume wanted) => Failures.Name(name.Text, () =>
    {
        using var volume = OpenedVolume.Locked(context, name, create: true);
        return Create(volume, wanted);
    });

    private void CreateNamed(VolumeName chosen, NewVolume wanted)
    {
        using var volume = OpenedVolume.Locked(context, chosen, create: true);
        if (!Create(volume, wanted)
            && volume.Store.Find(chosen) is { } there && ExistingVolume.Difference(there, wanted) is { } difference)
        {
            context.Warn($"{chosen}: {difference}");
        }
    }

    /// <summary>Creates a volume unless one with these settings exists; an error (73) if one with others does.</summary>
    public void Ensure(VolumeName name, NewVolume wanted) => Failures.Name(name.Text, () =>
    {
        using (var store = VolumeStores.Open(context.Configuration, create: true, context.Upkeep)!)
        {
            if (store.Find(name) is { } there)
            {
                RequireSame(store, there, wanted); // without the lock, which may take long where a crash left something to heal
                return;
            }
        }

        using var volume = OpenedVolume.Locked(context, name, create: true);
        if (!Create(volume, wanted))
        {
            RequireSame(volume.Store, volume.Require(), wanted);
        }
    });

    private static void RequireSame(IVolumeStore store, Volume there, NewVolume wanted)
    {
        if (ExistingVolume.Difference(there, ExistingVolume.Unmet(store, there, wanted)) is { } difference)
        {
            throw new KvolException(ExitStatus.CannotCreate, there.Name.Text, difference);
        }
    }

    private bool Create(OpenedVolume volume, NewVolume wanted)
    {
        if (!volume.Store.Create(volume.Name, wanted))
        {
            return false;
        }

        LastUses.See(context, volume.Store, volume.Name);
        return true;
    }

    /// <summary>The names of all volumes and foreign entries, sorted; see <see cref="IVolumeStore.Names"/>.</summary>
    public IReadOnlyList<string> Names(Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store?.Names(damaged) ?? [];
    }

    /// <summary>The matching volumes and foreign entries, by name, with their mount points in all mount namespaces if
    /// <paramref name="everywhere"/>, in this one if not; without any, and without reading a mount table, if that is null. With
    /// <paramref name="uses"/>, what is recorded of their last uses. Damaged ones are passed to <paramref name="damaged"/>.</summary>
    public IReadOnlyList<ListedEntry> List(Predicate<ListedEntry> matches, Action<KvolException> damaged, bool? everywhere,
        bool uses = false)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is null)
        {
            return [];
        }

        var views = (everywhere is { } all ? MountViews.Of(context, store, all) : []).Where(v => v.Volume is not null)
            .GroupBy(v => v.Volume!.Text).ToDictionary(g => g.Key, g => (IReadOnlyList<MountView>)[.. g]);
        var entries = store.List(damaged);
        var list = new List<ListedEntry>(entries.Count);
        using var records = uses ? LastUses.Open(store) : Fd.None;
        HashSet<VolumeName> attached = uses ? LastUses.Attached(context) : [];
        list.AddRange(entries.Select(e => Policies.Shown(context.Configuration, e))
            .Select(e => new ListedEntry(e, views.GetValueOrDefault(e.Text, []))
            {
                Use = records.IsOpen && e is Volume volume ? UseRecords.Read(records, volume.Name) : null,
                IsAttached = attached.Count > 0 && e is Volume { Name: var name } && attached.Contains(name),
            }).Where(e => matches(e)));
        return list;
    }

    /// <summary>One volume, with its space used in bytes.</summary>
    public VolumeDetails Inspect(VolumeName name) => OpenedVolume.Look(context, name, (store, volume) => new VolumeDetails(
        (Volume)Policies.Shown(context.Configuration, volume),
        [.. MountViews.Of(context, store, everywhere: true).Where(v => v.Volume == name)], LastUses.Of(store, name), store.Used(name),
        store.KnownCloningStatus));

    /// <summary>Whether there is a volume of this name.</summary>
    public bool Exists(VolumeName name)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store?.Find(name) is not null;
    }

    /// <summary>The space that a listed volume uses, in bytes; null if another command has removed it since.</summary>
    public long? Used(VolumeName name)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        try
        {
            return store?.Used(name);
        }
        catch (Exception e) when (Failures.IsGone(e))
        {
            return null;
        }
    }

    /// <summary>Every mount of kvol's on this host, or those of this mount namespace.</summary>
    public IReadOnlyList<MountView> Mounts(bool everywhere)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return [.. MountViews.Of(context, store, everywhere)];
    }

    /// <summary>Removes an unused volume; false if another command removed it first. An error (75) if it was used within the time
    /// <paramref name="unused"/>.</summary>
    public bool TryRemove(VolumeName name, KeepTime? keep, TimeSpan? unused, out DeletedVolume? kept)
    {
        try
        {
            kept = Remove(name, force: false, keep, unused);
            return true;
        }
        catch (Exception e) when (e is KvolException { Status: ExitStatus.NoInput } || (context.Plan is not null && Failures.IsGone(e)))
        {
            kept = null; // a dry run holds no lock that would keep another command from it
            return false;
        }
    }

    /// <summary>Removes an unused volume; with <paramref name="force"/>, unmounts kvol's own mounts of it first. The volume is kept as
    /// <paramref name="keep"/> says, and then returned. An incomplete volume holds nothing to bring back, and is not kept.</summary>
    public DeletedVolume? Remove(VolumeName name, bool force, KeepTime? keep, TimeSpan? unused = null)
    {
        using var volume = OpenedVolume.Locked(context, name, toRemove: keep is not { IsAsked: true });
        var damaged = false;
        var isComplete = false;
        try
        {
            isComplete = volume.Require().State is not (VolumeState.Receiving or VolumeState.Seeding);
        }
        catch (KvolException e) when (force && e.Status == ExitStatus.Damaged)
        {
            damaged = true;
        }

        volume.RequireUnused(unmountFirst: force);
        if (unused is { } time && LastUses.Of(volume.Store, name)?.IsOlderThan(time) != true)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, "was used after it had been chosen; it was not removed");
        }

        DeletedVolume? kept = null;
        if (damaged)
        {
            context.Warn($"{name}: is damaged, so kvol deleted nothing and moved it to {volume.Store.SetAside(name)}");
        }
        else if (keep is null || !(keep.IsAsked || isComplete))
        {
            volume.Store.Remove(name, force);
        }
        else
        {
            kept = keep.IsAsked ? Failures.Name(name.Text, () => volume.Store.Keep(name, Deleting.Record(keep.Time)), fills: false)
                : KeepOrSay(volume, force, keep.Time);
        }

        LastUses.Forget(context, volume.Store, name);
        return kept;
    }

    // What the configuration asks for may be impossible where a removal is not.
    private static DeletedVolume KeepOrSay(OpenedVolume volume, bool force, TimeSpan time)
    {
        volume.Store.RequireRemovable(volume.Name, force, isKept: true);
        var wayOut = $"to destroy it at once: kvol rm --now {volume.Name}";
        try
        {
            return volume.Store.Keep(volume.Name, Deleting.Record(time));
        }
        catch (NativeException e) when (e.Failure == Failure.NoSpace)
        {
            throw new KvolException(ExitStatus.CannotCreate, volume.Name.Text, $"there is no room to keep it ({e.Reason}); {wayOut}");
        }
        catch (KvolException e) when (e.Status is ExitStatus.CannotCreate or ExitStatus.Unavailable)
        {
            throw e.With($"so it cannot be kept; {wayOut}");
        }
    }

    /// <summary>The volumes that prune would remove: mounted nowhere, not labelled <c>keep</c>, and created without a name unless
    /// <paramref name="all"/>. If <paramref name="matches"/> depends on their last <paramref name="uses"/>, the records of these are first
    /// brought up to date. Those that cannot be read are passed to <paramref name="damaged"/>.</summary>
    public IReadOnlyList<Volume> Prunable(bool all, Predicate<ListedEntry> matches, bool uses, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is null)
        {
            return [];
        }

        if (uses)
        {
            LastUses.Update(context, store);
        }

        var mounts = new KvolMounts(store, []);
        var held = Holds.All(context.Configuration).SelectMany(h => h.Of(store.Id)).Select(v => v.Name)
            .Concat(HostUsage.Views(store).Select(v => v.Volume!)).ToHashSet();
        return [.. List(matches, damaged, everywhere: false, uses).Select(e => e.Entry).OfType<Volume>()
            .Where(v => v.IsManaged && (all || v.Anonymous) && !v.Labels.ContainsKey("keep") && IsUnused(v.Name))];

        bool IsUnused(VolumeName name)
        {
            try
            {
                return !held.Contains(name) && mounts.UsesOf(name, store.ContentPath(name)).Count == 0;
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                return false; // another command removed it after the listing
            }
        }
    }
}
