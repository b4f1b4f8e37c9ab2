using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>A mount that shows a volume or is inside one. <paramref name="Pid"/> is a process in the mount's namespace; null for this
/// process's own namespace.</summary>
internal sealed record VolumeUse(MountEntry Entry, int? Pid)
{
    /// <summary>How many of them a message names.</summary>
    public const int MostNamed = 8;

    /// <summary>The snapshot of the volume that the mount shows; null if it shows or holds the volume itself.</summary>
    public SnapshotName? Snapshot { get; init; }

    /// <summary>Whether the volume cannot be written to through it.</summary>
    public bool IsReadOnly => Entry.Flags.HasFlag(MountFlags.ReadOnly);

    /// <summary>How uses are named in a message.</summary>
    public static string Describe(IReadOnlyList<VolumeUse> uses)
    {
        var places = uses.Select(u => (u.Entry.Target, u.Pid)).Distinct().ToArray();
        return string.Join(", ", places.Take(MostNamed)
            .Select(p => p.Target + (p.Pid is { } pid ? $" (in the mount namespace of {ProcessTable.Describe(pid)})" : "")))
            + (places.Length > MostNamed ? $" and {places.Length - MostNamed} more" : "");
    }
}
