using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>One of kvol's mounts, for <c>inspect</c> and <c>mounts</c>. <paramref name="Root"/> is the root directory that it is in, as far as that is known.</summary>
internal sealed record MountView(string Type, string Source, string? Destination, string Path, string? Jail, bool ReadOnly, string? Root);

/// <summary>What the kernel has mounted, in the words of the run records.</summary>
internal static class MountViews
{
    /// <summary>Every mount of kvol's on this host; what runs is written down on the way.</summary>
    public static IReadOnlyList<MountView> Of(Context context, IVolumeStore? store)
    {
        try
        {
            using var runs = RunRecords.Open(context.Configuration, create: false);
            Sightings.Record(context, runs);
            return Of(runs.All(), store);
        }
        catch (KvolException)
        {
            return Of([], store); // without run records less is known; what is mounted the kernel says
        }
    }

    /// <summary>The same, changing nothing.</summary>
    public static IReadOnlyList<MountView> Of(Configuration configuration, IVolumeStore? store)
    {
        try
        {
            using var runs = RunRecords.Open(configuration, create: false);
            return Of(runs.All(), store);
        }
        catch (KvolException)
        {
            return Of([], store);
        }
    }

    private static IReadOnlyList<MountView> Of(IReadOnlyList<RootRecord> roots, IVolumeStore? store)
    {
        var rootOf = new Dictionary<(ulong, string), string>();
        foreach (var root in roots)
        {
            foreach (var mount in root.Mounts)
            {
                rootOf.TryAdd((mount.Id, mount.Target), root.Path);
            }
        }

        return [.. new KvolMounts(store, roots.SelectMany(r => r.Mounts)).All.Select(m => new MountView(
            m.Volume is null ? m.Record!.Type : "volume", m.Volume?.Text ?? m.Record!.Source, m.Record?.Destination, m.Entry.Target.Text, m.Record?.Jail,
            m.Entry.Flags.HasFlag(MountFlags.ReadOnly), m.Record is { } record ? rootOf.GetValueOrDefault((record.Id, record.Target)) : null))];
    }
}
