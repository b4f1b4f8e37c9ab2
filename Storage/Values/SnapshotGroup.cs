using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>The group of snapshots that one command took; it is recorded with each of them.</summary>
/// <param name="Id">12 hex digits.</param>
/// <param name="Jail">The jail whose volumes were chosen, or null.</param>
/// <param name="Members">The names that the snapshots had then, as <c>VOL@NAME</c>. A volume may have been renamed since.</param>
internal sealed record SnapshotGroup(string Id, string? Jail, IReadOnlyList<string> Members)
{
    /// <summary>A new group of these snapshots.</summary>
    public static SnapshotGroup Of(IEnumerable<SnapshotName> snapshots, string? jail) =>
        new(RandomHex.Of(12), jail, [.. snapshots.Select(s => s.ToString())]);

    /// <summary>The members that are not among these snapshots; none as long as the group has as many as it was taken with, because
    /// a renamed volume keeps its snapshots.</summary>
    public IReadOnlyList<string> Missing(IReadOnlyList<SnapshotName> found) =>
        found.Count >= Members.Count ? [] : [.. Members.Except(found.Select(s => s.ToString()))];
}
