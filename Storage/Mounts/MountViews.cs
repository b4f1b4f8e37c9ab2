using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>One of kvol's mounts, for <c>inspect</c> and <c>mounts</c>; or a volume that is held, whose type is the kind of
/// holder.</summary>
/// <param name="Volume">The volume of the store in use that it shows, itself or a snapshot of it; or null.</param>
/// <param name="Root">The root directory that it is in, if known.</param>
/// <param name="Pid">A process of the mount's namespace; null for this process's own namespace.</param>
internal sealed record MountView(
    string Type, VolumeName? Volume, string Source, string? Destination, string Path, string? Jail, bool ReadOnly, string? Root, int? Pid)
{
    /// <summary>Whether it is a hold, and not a mount; <see cref="Jail"/> is then the id of the holder.</summary>
    public bool IsHold => Type is Holder.Oci or Holder.Plugin;

    /// <summary>The other host that it is on; null for this host. Everything else is then as that host recorded it.</summary>
    public KnownHost? Host { get; init; }

    /// <summary>Whether it shows a snapshot of the volume, and not the volume.</summary>
    public bool IsOfSnapshot { get; init; }

    /// <summary>Whether it shows other owners than its files have, as a user namespace maps them.</summary>
    public bool IsIdMapped { get; init; }

    /// <summary>The path that named the namespace; null if it is not known.</summary>
    public string? IdMap { get; init; }
}

/// <summary>Lists what is mounted, with what the run records say of it.</summary>
internal static class MountViews
{
    /// <summary>Every mount of kvol's on this host; also records which jails run. With <paramref name="everywhere"/>, includes the mounts
    /// of the store's volumes in other mount namespaces and on other hosts.</summary>
    public static IReadOnlyList<MountView> Of(Context context, IVolumeStore? store, bool everywhere) =>
        everywhere ? [.. Here(context, store, everywhere), .. HostUsage.Views(store)] : Here(context, store, everywhere);

    private static IReadOnlyList<MountView> Here(Context context, IVolumeStore? store, bool everywhere)
    {
        try
        {
            using var runs = RunRecords.Open(context.Configuration, context.Upkeep, create: false);
            Sightings.Record(context, runs);
            return Of(context.Configuration, runs.All(), store, everywhere);
        }
        catch (KvolException)
        {
            // Without run records less is known, but the mount table is enough.
            return Of(context.Configuration, [], store, everywhere);
        }
    }

    /// <summary>The mounts of this mount namespace; changes nothing.</summary>
    public static IReadOnlyList<MountView> Of(Configuration configuration, Upkeep upkeep, IVolumeStore? store)
    {
        try
        {
            using var runs = RunRecords.Open(configuration, upkeep, create: false);
            return Of(configuration, runs.All(), store, everywhere: false);
        }
        catch (KvolException)
        {
            return Of(configuration, [], store, everywhere: false);
        }
    }

    private static IEnumerable<MountView> Held(Configuration configuration, IVolumeStore? store) =>
        from hold in Holds.All(configuration)
        from held in hold.Volumes
        let isOwn = held.Store == store?.Id
        select new MountView(hold.Holder.Kind, isOwn ? held.Name : null, isOwn ? held.Name.Text : $"{held.Store}:{held.Name}",
            held.Destination, held.Path, hold.Holder.Id, held.IsReadOnly, hold.Root, null);

    private static IReadOnlyList<MountView> Of(
        Configuration configuration, IReadOnlyList<RootRecord> roots, IVolumeStore? store, bool everywhere) =>
        [.. Mounted(roots, store, everywhere), .. Held(configuration, store)];

    private static IReadOnlyList<MountView> Mounted(IReadOnlyList<RootRecord> roots, IVolumeStore? store, bool everywhere)
    {
        var rootOf = new Dictionary<(ulong, string), string>();
        foreach (var root in roots)
        {
            foreach (var mount in root.Mounts)
            {
                rootOf.TryAdd((mount.Id, mount.Target), root.Path);
            }
        }

        var mounts = new KvolMounts(store, roots.SelectMany(r => r.Mounts));
        var here = mounts.All.Select(m => new MountView(
            m.Volume is not null || m.Record!.IsVolume ? "volume"
                : m.Record.Type, m.Volume, m.Source, m.Record?.Destination, m.Entry.Target.Text, m.Record?.Jail,
            IsReadOnly(m.Entry), m.Record is { } record ? rootOf.GetValueOrDefault((record.Id, record.Target)) : null, null)
        { IsOfSnapshot = m.Snapshot is not null, IsIdMapped = IsIdMapped(m.Entry), IdMap = m.Record?.IdMap });
        return [.. here, .. everywhere ? Elsewhere(mounts) : []];
    }

    // A new namespace starts with a copy of each mount: list only the mounts that differ from this namespace's, and each once.
    private static List<MountView> Elsewhere(KvolMounts mounts)
    {
        var views = new List<MountView>();
        var seen = mounts.Table.Entries.Select(e => (e.Origin, e.Target)).ToHashSet();
        try
        {
            foreach (var (shown, entry, pid) in mounts.Elsewhere())
            {
                if (seen.Add((entry.Origin, entry.Target)))
                {
                    views.Add(new MountView("volume", shown.Volume, shown.Snapshot?.ToString() ?? shown.Volume.Text, null,
                        entry.Target.Text, null, IsReadOnly(entry), null, pid)
                    { IsOfSnapshot = shown.Snapshot is not null, IsIdMapped = IsIdMapped(entry) });
                }
            }
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            // the namespace cannot be read, so its mounts are missing; doctor reports this
        }

        return views;
    }

    private static bool IsIdMapped(MountEntry entry) => entry.Flags.HasFlag(MountFlags.IdMapped);

    private static bool IsReadOnly(MountEntry entry) => entry.Flags.HasFlag(MountFlags.ReadOnly);
}
