using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol dump</c>: what a host has, as the file that <c>kvol apply</c> takes.</summary>
internal static class Dumping
{
    /// <summary>Reads the volumes and the mounts. Volumes that cannot be read are passed to <paramref name="damaged"/> and left
    /// out.</summary>
    public static DeclaredHost Read(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        var volumes = store?.List(damaged).OfType<Volume>().Where(v => v.State != VolumeState.Receiving)
            .Select(v => Declared(context, store, v)).ToArray() ?? [];
        return new DeclaredHost(volumes, Roots(context, store));
    }

    private static DeclaredVolume Declared(Context context, IVolumeStore store, Volume volume)
    {
        var top = VolumePlan.TopStatus(volume);
        // What a first mount will still give must not be taken for chosen.
        var takes = volume.Takes ?? TopParts.None;
        return new DeclaredVolume(volume.Name)
        {
            Anonymous = volume.Anonymous ? true : null,
            Labels = volume.Labels.Where(l => PropertyName.IsKey(l.Key) && PropertyName.IsLabel(l.Value))
                .ToDictionary(l => l.Key, l => (string?)l.Value),
            Quota = volume.Quota ?? 0,
            Policy = volume.Policy is not { } policy ? "" : SnapshotPolicy.TryParse(policy, out _)?.ToString() ?? Left(),
            Properties = (store as IOwnProperties)?.OwnProperties(volume.Name) ?? [],
            Uid = takes.HasFlag(TopParts.Owner) ? null : top?.Uid,
            Gid = takes.HasFlag(TopParts.Owner) ? null : top?.Gid,
            Mode = takes.HasFlag(TopParts.Mode) ? null : top?.Mode,
        };

        string? Left()
        {
            context.Warn($"{volume.Name}: its policy is wrong and is left out; set it again: "
                + $"kvol set {volume.Name} {PropertyName.Policy}=POLICY");
            return null;
        }
    }

    private static List<DeclaredRoot> Roots(Context context, IVolumeStore? store)
    {
        var records = RunRecords.Peek(context.Configuration);
        var roots = new Dictionary<(ulong, string), RootRecord>();
        foreach (var (root, mount) in records.SelectMany(r => r.Mounts.Select(m => (r, m))))
        {
            roots.TryAdd((mount.Id, mount.Target), root);
        }

        var found = new List<(string Path, string? Jail, MountSpec Spec)>();
        foreach (var mount in new KvolMounts(store, records.SelectMany(r => r.Mounts)).All)
        {
            if (mount.Record is not { } record)
            {
                context.Warn(
                    $"{mount.Entry.Target}: {mount.Source} is mounted there, but kvol has no record of it, so the dump leaves it out");
            }
            else if (RecordedSpec.Of(mount) is { } spec && roots.TryGetValue((record.Id, record.Target), out var root))
            {
                found.AddRange((record.Jails.Count == 0 ? (IReadOnlyList<string?>)[null] : record.Jails)
                    .Select(j => (root.Path, (string?)j, spec)));
            }
        }

        return [.. found.GroupBy(f => (f.Path, f.Jail)).OrderBy(g => g.Key.Path, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Jail, StringComparer.Ordinal).Select(g => new DeclaredRoot(g.Key.Path, g.Key.Jail,
                [.. g.Select(f => f.Spec).DistinctBy(s => s.Destination).OrderBy(s => s.Destination, StringComparer.Ordinal)]))];
    }
}
