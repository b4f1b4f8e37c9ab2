using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>What the steps of a dry run so far would have changed in the store. A command with several operands opens the store for each of
/// them.</summary>
internal sealed class PlannedVolumes
{
    /// <summary>The volumes that a step changes, as they will be; null is one that will be gone.</summary>
    public Dictionary<VolumeName, Volume?> Changed { get; } = [];

    /// <summary>The volumes that a step makes.</summary>
    public HashSet<VolumeName> Made { get; } = [];

    /// <summary>The volumes whose content a step makes visible.</summary>
    public HashSet<VolumeName> Opened { get; } = [];

    /// <summary>The volumes that a step destroys, and does not keep.</summary>
    public HashSet<VolumeName> Destroyed { get; } = [];

    /// <summary>The snapshots that a step takes.</summary>
    public List<SnapshotInfo> Taken { get; } = [];

    /// <summary>The snapshots that a step destroys.</summary>
    public HashSet<SnapshotName> Gone { get; } = [];

    /// <summary>The deleted volumes that a step destroys or brings back.</summary>
    public HashSet<string> NotKept { get; } = [];
}
