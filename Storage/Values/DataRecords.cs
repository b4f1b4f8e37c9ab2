using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>A snapshot of a volume.</summary>
/// <param name="Referenced">Bytes that its content takes, shared ones included; null where finding out would take long.</param>
/// <param name="NotKept">What is in the volume but not in the snapshot, a line each; null where only a list was requested.</param>
/// <param name="Group">The group that it was taken with; null if it was taken alone.</param>
/// <param name="Policy">The period of the policy that it was taken for; null if it was taken for none.</param>
/// <param name="IsInUse">Whether a clone depends on it, or a hold keeps it.</param>
/// <param name="Guid">Its identity, the same on every host that received it; null where the store sends no streams.</param>
internal sealed record SnapshotInfo(SnapshotName Name, DateTimeOffset Created, long? Referenced, IReadOnlyList<string>? NotKept = null,
    SnapshotGroup? Group = null, string? Policy = null, bool IsInUse = false, ulong? Guid = null)
{
    /// <summary>What is known of snapshots that are taken now, before anybody looks at them.</summary>
    public static SnapshotInfo[] Taken(IEnumerable<SnapshotName> snapshots, SnapshotGroup? group, SnapshotPeriod? policy) =>
        [.. snapshots.Select(s => new SnapshotInfo(s, DateTimeOffset.UtcNow, null, Group: group, Policy: policy?.Word))];
}

/// <summary>A volume that is to be rolled back.</summary>
/// <param name="To">The snapshot.</param>
/// <param name="Newer">The snapshots that are newer, the newest first; they are destroyed.</param>
internal sealed record RollbackStep(SnapshotName To, IReadOnlyList<SnapshotName> Newer);

/// <summary>The space use of a volume, in bytes; null: not known on this store.</summary>
/// <param name="Used">Allocated to this volume, as far as the store can tell.</param>
/// <param name="Apparent">The lengths of its files, holes included.</param>
/// <param name="Referenced">Allocated by the content as it is now, shared or not.</param>
/// <param name="Available">What may still be written.</param>
/// <param name="Quota">The most that it may refer to; null: none.</param>
/// <param name="Snapshots">What would be free without its snapshots.</param>
/// <param name="SavedInPool">What cloned blocks save in its whole pool; the pool does not report this for each volume.</param>
internal sealed record SpaceUse(long Used, long? Apparent, long? Referenced, long Available, long? Quota, long? Snapshots,
    long? SavedInPool);

/// <summary>The room of a store, in bytes: all of it, and what may still be written.</summary>
internal sealed record StoreRoom(long Size, long Free);

/// <summary>A property of a volume; null: the volume does not have it.</summary>
internal sealed record PropertyValue(string Name, string? Value);

/// <summary>A moment of this boot or an earlier one: no change of the clock moves it.</summary>
/// <param name="Boot">Which boot.</param>
/// <param name="Uptime">Milliseconds since that boot.</param>
internal sealed record BootMoment(string Boot, long Uptime);

/// <summary>When a volume was deleted, and until when it is kept.</summary>
/// <param name="Since">The same moment as <paramref name="At"/>; null in the records of older versions.</param>
/// <param name="RolledBackTo">The snapshot to which the volume was rolled back, if this is its content from before; null for a volume that
/// was removed.</param>
internal sealed record DeletionRecord(DateTimeOffset At, DateTimeOffset Until, BootMoment? Since = null, string? RolledBackTo = null)
{
    /// <summary>Whether it has expired at a moment. Setting the clock must not expire a volume early: the clock counts only if it is later
    /// than the deletion, and until the next boot the uptime must have grown by the whole time as well.</summary>
    public bool IsPast(DateTimeOffset now, BootMoment moment) => now >= At && now >= Until
        && (Since is null || Since.Boot != moment.Boot || moment.Uptime - Since.Uptime >= (Until - At).TotalMilliseconds);
}

/// <summary>A volume that is kept after its deletion, or its content from before a rollback.</summary>
/// <param name="Id">Its name among the deleted.</param>
/// <param name="Created">When the volume was created; null where the store does not need to know.</param>
internal sealed record DeletedVolume(string Id, VolumeName Name, DeletionRecord Deletion, DateTimeOffset? Created = null);
