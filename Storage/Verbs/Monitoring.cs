using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What a monitoring system may know of a volume.</summary>
/// <param name="Space">Null if the volume is damaged.</param>
/// <param name="LastUsed">When it was last mounted or unmounted; null: not known.</param>
internal sealed record VolumeFigures(string Name, string State, SpaceUse? Space, int Mounts, DateTimeOffset? LastUsed);

/// <summary>The same of a store.</summary>
/// <param name="Deleted">What the deleted volumes take that are kept; null if there are none.</param>
internal sealed record StoreFigures(string Root, StoreRoom Room, DeletedSpace? Deleted, IReadOnlyList<VolumeFigures> Volumes);

/// <summary>Measures a store for <c>df --format prometheus</c>. A number that is missing would look like a volume that is gone, so whatever
/// cannot be measured is an error; only a damaged volume is reported as such.</summary>
internal static class Monitoring
{
    /// <summary>The state of a volume whose metadata cannot be read.</summary>
    public const string Damaged = "damaged";

    /// <summary>The states that a volume may have here.</summary>
    public static IEnumerable<string> States => VolumeStates.Names.Where(n => n != VolumeStates.Foreign).Append(Damaged);

    /// <summary>The figures of these volumes, or of all if <paramref name="names"/> is null; null if there is no store yet.</summary>
    public static StoreFigures? Measure(Context context, IReadOnlyList<VolumeName>? names)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is null)
        {
            return names is [var first, ..] ? throw Refusals.NoSuchVolume(first) : null;
        }

        var mounts = MountViews.Of(context, store, everywhere: true).Where(m => m is { Volume: not null, Host: null })
            .ToLookup(m => m.Volume!);
        using var uses = LastUses.Open(store);
        var figures = new List<VolumeFigures>();
        foreach (var (name, volume) in names is null ? All(context, store) : names.Distinct().Select(n => (n, Find(store, n))))
        {
            var space = volume is null ? null : SpaceOf(store, name);
            if (volume is null || space is not null)
            {
                figures.Add(new VolumeFigures(name.Text, volume?.StateName ?? Damaged, space, mounts[name].Count(),
                    uses.IsOpen ? UseRecords.Read(uses, name)?.At : null));
            }
            else if (names is not null)
            {
                throw Refusals.NoSuchVolume(name);
            }
        }

        return new StoreFigures(store.Root, store.Room(), Deleting.Space(store), figures);
    }

    // All volumes by name; null in place of a damaged one.
    private static IEnumerable<(VolumeName Name, Volume? Volume)> All(Context context, IVolumeStore store)
    {
        var errors = new List<KvolException>();
        var all = store.List(errors.Add).OfType<Volume>().Select(v => (v.Name, Volume: (Volume?)v)).ToList();
        if (errors.Count == 0)
        {
            return all;
        }

        // The errors do not tell the names of the volumes.
        var listed = all.Select(v => v.Name).ToHashSet();
        var damaged = VolumeStores.NamesOf(context.Configuration).Volumes().Where(VolumeName.IsValid).Select(VolumeName.Parse)
            .Where(n => !listed.Contains(n) && IsDamaged(store, n)).ToArray();
        return damaged.Length < errors.Count ? throw errors[0]
            : all.Concat(damaged.Select(n => (n, (Volume?)null))).OrderBy(v => v.Item1.Text, StringComparer.Ordinal);
    }

    private static Volume? Find(IVolumeStore store, VolumeName name) =>
        IsDamaged(store, name) ? null : store.Find(name) ?? throw Refusals.NoSuchVolume(name);

    private static bool IsDamaged(IVolumeStore store, VolumeName name)
    {
        try
        {
            _ = store.Find(name);
            return false;
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            return true;
        }
    }

    private static SpaceUse? SpaceOf(IVolumeStore store, VolumeName name)
    {
        try
        {
            return store.Space(name);
        }
        catch (Exception e) when (Failures.IsGone(e))
        {
            return null; // another command has removed it
        }
    }
}
