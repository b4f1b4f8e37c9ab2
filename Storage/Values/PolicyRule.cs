using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>What a policy asks for, given the snapshots of a volume, the oldest first, and the time. The clock may be wrong: whatever it
/// says, at most one snapshot of a period is taken, and no more are pruned than there are above the number to keep.</summary>
internal static class PolicyRule
{
    /// <summary>The periods for which a snapshot is due: none of the policy's was taken in this hour, day and so on. However many were
    /// missed, one is taken.</summary>
    public static IReadOnlyList<SnapshotPeriod> Due(SnapshotPolicy policy, IReadOnlyList<SnapshotInfo> snapshots, DateTimeOffset now) =>
        [.. policy.Rules.Select(r => r.Period).Where(p => p.IsTimed && !Made(p, snapshots).Any(m => p.Holds(m.Time, now))
            && !snapshots.Any(s => s.Name.Name == p.NameAt(now)))];

    /// <summary>The snapshots to remove: of each period in the policy the oldest ones above the number to keep. Never removed are the
    /// newest snapshot of the volume, the snapshot of the present hour, day and so on, and those that something depends on. A snapshot
    /// dated in the future counts as the oldest: it was taken while the clock was wrong.</summary>
    public static IReadOnlyList<SnapshotInfo> Excess(SnapshotPolicy policy, IReadOnlyList<SnapshotInfo> snapshots, DateTimeOffset now)
    {
        var excess = policy.Rules.SelectMany(rule =>
        {
            var made = Made(rule.Period, snapshots).OrderBy(m => m.Time <= now).ThenBy(m => m.Time).ToArray();
            // After a clock was set back, the one of now is the oldest: if it were removed, the next run would take it again.
            return made.Take(made.Length - rule.Kept).Where(m => !rule.Period.Holds(m.Time, now)).Select(m => m.Snapshot);
        });
        return [.. excess.Where(s => !s.IsInUse && s != snapshots[^1])];
    }

    /// <summary>The periods of which no snapshot was taken for twice as long as one of them lasts.</summary>
    public static IReadOnlyList<SnapshotPeriod> Overdue(SnapshotPolicy policy, IReadOnlyList<SnapshotInfo> snapshots,
        DateTimeOffset created, DateTimeOffset now) =>
        [.. policy.Rules.Select(r => r.Period).Where(p =>
            p.IsTimed && Made(p, snapshots).Select(m => m.Time).Append(created).Max() < now - (2 * p.Longest))];

    // A name alone does not make a snapshot one of the policy's: anyone may choose it.
    private static IEnumerable<(SnapshotInfo Snapshot, DateTimeOffset Time)> Made(SnapshotPeriod period,
        IEnumerable<SnapshotInfo> snapshots)
    {
        foreach (var snapshot in snapshots.Where(s => s.Policy == period.Word))
        {
            if (SnapshotPeriod.TryParse(snapshot.Name.Name) is { } said && said.Period == period)
            {
                yield return (snapshot, said.Time);
            }
        }
    }
}
