using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Compares what is mounted in root directories with what a file says. Changes nothing.</summary>
internal sealed class RootPlan(Configuration configuration, KvolMounts mounts, IReadOnlyDictionary<VolumeName, Volume> volumes)
{
    /// <summary>The differences of one root directory: what is missing, and what was mounted for the same jail (or for none) and is not
    /// wanted. An error (64, 66) if it cannot be a root directory.</summary>
    public IReadOnlyList<PlanStep> Of(DeclaredRoot wanted)
    {
        using var root = RootDirectory.Open(wanted.Path, configuration.Root);
        var there = mounts.Below(root.Path).ToLookup(m => DestinationOf(m, root.Path));
        return
        [
            .. Undeclared(there.SelectMany(g => g), wanted)
                .Select(m => new PlanStep(PlanAction.Unmount, Root: wanted, Mount: RecordedSpec.Of(m))).Where(s => s.Mount is not null),
            .. wanted.Mounts.Where(spec => !(there[spec.Destination].LastOrDefault() is { } mount && IsSame(spec, mount)
                    && (wanted.Jail is null || mount.Record!.Jails.Contains(wanted.Jail))))
                .Select(spec => new PlanStep(PlanAction.Mount, Root: wanted, Mount: spec,
                    Obstacle: OtherAt(there[spec.Destination], spec, root))),
        ];
    }

    /// <summary>Of the mounts in a root directory those that were made for its jail, or for none, and that the file does not
    /// have.</summary>
    public static IEnumerable<KvolMount> Undeclared(IEnumerable<KvolMount> there, DeclaredRoot wanted)
    {
        var destinations = wanted.Mounts.Select(m => m.Destination).ToHashSet();
        return there.Where(m => m.Record is { } record && !destinations.Contains(record.Destination)
            && (wanted.Jail is { } jail ? record.Jails.Contains(jail) : record.Jails.Count == 0));
    }

    private static string DestinationOf(KvolMount mount, ByteString root) =>
        mount.Record?.Destination ?? mount.Entry.Target.After(root).ToString();

    // A mount without a record is not known to be the same: the command looks at it.
    private bool IsSame(MountSpec spec, KvolMount mount) => mount is { Entry: var entry, Record: { } record } && !entry.SourceDeleted
        && record.Recursive == spec.Recursive && IsOfSource(spec, mount, record)
        && (record.Options is null || record.Options.Contains("nocache") == spec.Flags.HasFlag(MountFlags.NoCache))
        && IsMappedAs(spec, record) && spec.ShownFlags is var flags
        && (entry.Flags == flags || ((entry.Flags & flags) == flags && (entry.Flags & ~flags & ~Inherited(spec)) == 0));

    private bool IsOfSource(MountSpec spec, KvolMount mount, RunRecord record) => spec.New is { Type: var type }
        ? record.Type == type && record.Options is { } given && given.Order().SequenceEqual(spec.Options().Order())
        : spec.HostPath is { } path ? !record.IsVolume && OriginOf(path) is { } origin && mount.Entry.Origin.Equals(origin)
        : mount.Volume == spec.Volume && mount.Snapshot == spec.Snapshot && record.Options is { } options
            && options.FirstOrDefault(IsSubpath) == spec.Options().FirstOrDefault(IsSubpath);

    // Another directory may be at the path that was mounted.
    private ByteString? OriginOf(string path) => HostPlace.Look(path, mounts.Table.OriginOf);

    private static bool IsMappedAs(MountSpec spec, RunRecord record)
    {
        try
        {
            using var owners = MountSources.OpenNamespace(spec, out var number);
            return record.IdMap == spec.IdMap && (spec.IdMap is null || record.UserNamespace == number);
        }
        catch (KvolException)
        {
            return false; // the command says it
        }
    }

    private static bool IsSubpath(string option) => option.StartsWith("subpath=", StringComparison.Ordinal);

    // The options of the mount that the source lies on: a mount of it has them too.
    private MountFlags Inherited(MountSpec spec)
    {
        var path = spec.HostPath is { } host ? HostPlace.Resolve(host)?.ToString()
            : spec.Volume is { } volume ? volumes.GetValueOrDefault(volume)?.Mountpoint : null;
        if (path is null)
        {
            return MountFlags.None;
        }

        var source = new ByteString(path);
        return mounts.Table.Entries.Where(e => source.IsAtOrBelow(e.Target)).MaxBy(e => e.Target.Length)?.Flags ?? MountFlags.None;
    }

    private static string? OtherAt(IEnumerable<KvolMount> there, MountSpec spec, RootDirectory root) =>
        there.LastOrDefault() is not { Entry.SourceDeleted: false, Record: { } record } mount || record.Options is null ? null
        : RecordedSpec.Of(mount) is { } other
            && (other.SourceText != spec.SourceText || other.Flags != spec.Flags || other.IdMap != spec.IdMap
                || other.Recursive != spec.Recursive || other.New != spec.New)
            ? $"{other.SourceText} is mounted there, {MountCheck.Options(other.ShownFlags)}; unmount it "
                + $"first: kvol umount {Shown.Quoted(root.Path.ToString())} {Shown.Quoted(spec.Destination)}"
        : null;
}
