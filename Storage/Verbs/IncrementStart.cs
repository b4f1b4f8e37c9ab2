using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Chooses where an incremental stream starts.</summary>
internal static class IncrementStart
{
    /// <summary>The snapshot of this name, or the bookmark that is left of it; an error (66) if there is neither, and (64) if it is not
    /// older than the snapshot that is sent.</summary>
    public static SendPoint Named(IReadOnlyList<SendPoint> points, SnapshotName sent, SnapshotName since)
    {
        var end = Sent(points, sent);
        var start = points.FirstOrDefault(p => !p.IsBookmark && p.Name == since.Name)
            ?? points.FirstOrDefault(p => p.Snapshot == since.Name) ?? throw Refusals.NoSuchSnapshot(since);
        return start.CreationTxg < end.CreationTxg ? start
            : throw Refusals.NotEarlier(since.Name, sent);
    }

    /// <summary>The newest snapshot or bookmark that the other side has too, and that is older than the snapshot that is sent. An error
    /// (69) if there is none, and (73) if the other side has what is sent.</summary>
    public static SendPoint Common(IReadOnlyList<SendPoint> points, SnapshotName sent, OtherSide other)
    {
        var end = Sent(points, sent);
        var theirs = other.Guids.ToHashSet();
        return theirs.Contains(end.Guid)
            ? throw new KvolException(ExitStatus.CannotCreate, sent.ToString(), $"{other.Volume} has it on the other side; nothing is sent")
            : points.Where(p => p.CreationTxg < end.CreationTxg && theirs.Contains(p.Guid))
                .OrderByDescending(p => p.CreationTxg).ThenBy(p => p.IsBookmark).FirstOrDefault()
            ?? throw new KvolException(ExitStatus.Unavailable, sent.ToString(),
                $"{other.Volume} on the other side has no snapshot in common with {sent.Volume} that is older than this one; send it "
                + $"whole, to a new volume: kvol export --format zfs {sent}");
    }

    /// <summary>What may have to be done on the other side before it takes a stream that starts there; null if nothing.</summary>
    public static string? Obstacle(SendPoint start, OtherSide other) => other.Guids[^1] == start.Guid ? null
        : $"{other.Volume} has newer snapshots on the other side; if anything was changed there since, go back first: kvol rollback -r "
            + $"{other.Volume}@{start.Snapshot ?? "SNAPSHOT"}";

    private static SendPoint Sent(IReadOnlyList<SendPoint> points, SnapshotName sent) =>
        points.FirstOrDefault(p => !p.IsBookmark && p.Name == sent.Name) ?? throw Refusals.NoSuchSnapshot(sent);
}
