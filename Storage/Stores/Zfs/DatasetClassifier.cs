using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Tells which volume a row of a mount table shows.</summary>
internal sealed class DatasetClassifier(ZfsSystem zfs, DatasetMounts mounts, DatasetStats volumes, MountTable table)
{
    private readonly string prefix = volumes.Name + "/";

    private readonly Lazy<string?> above = new(() => mounts.MountpointOf(volumes));

    private readonly Dictionary<string, string?> mountpoints = [];

    /// <summary>The volume, or null. A dataset or a snapshot inside a volume belongs to it.</summary>
    public ShownVolume? Classify(MountEntry entry)
    {
        if (entry.Dataset is null || entry.Dataset.ToString() is var dataset && !dataset.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = dataset[prefix.Length..];
        var end = rest.AsSpan().IndexOfAny('/', '@');
        var name = end < 0 ? rest : rest[..end];
        return VolumeName.IsValid(name) ? new ShownVolume(VolumeName.Parse(name), entry.FileSystem == "zfs" && IsHome(entry, name, rest),
            SnapshotName.IsMeant(rest) ? SnapshotOf(name, rest) : null) : null;
    }

    // A snapshot of a dataset inside a volume is not a snapshot of the volume.
    private static SnapshotName? SnapshotOf(string volume, string rest) => rest[(volume.Length + 1)..] is var snapshot
        && rest[volume.Length] == '@' ? new SnapshotName(VolumeName.Parse(volume), snapshot) : null;

    private bool IsHome(MountEntry entry, string name, string rest)
    {
        if (KernelMounts.DatasetsMountOnce)
        {
            return true; // wherever it is: what shows a volume in a root directory is a mount of another type
        }

        var target = entry.Target.ToString();
        if (above.Value is { } usual && (target == $"{usual}/{rest}" || target.StartsWith($"{usual}/{name}/", StringComparison.Ordinal)))
        {
            return true;
        }

        if (!mountpoints.TryGetValue(name, out var path))
        {
            mountpoints[name] = path = zfs.Find(prefix + name) is { } dataset && mounts.MountpointOf(dataset) is not null
                ? mounts.HomeOf(dataset, table)?.Target.ToString() : null;
        }

        return path is not null && (target == path || target.StartsWith(path + "/", StringComparison.Ordinal));
    }
}
