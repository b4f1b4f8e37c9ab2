using System.Collections.Generic;

namespace Kvol.Storage.Values;

/// <summary>A state of a volume from which an incremental stream can start: a snapshot, or a bookmark that is left of one.</summary>
/// <param name="Name">The part after the <c>@</c> or <c>#</c>.</param>
/// <param name="Guid">The identity of the snapshot, the same on every host that received it.</param>
/// <param name="CreationTxg">Orders the snapshots of a volume.</param>
/// <param name="IsBookmark">Whether it is a bookmark.</param>
/// <param name="Snapshot">The name of the snapshot; null for a bookmark that kvol did not make.</param>
internal sealed record SendPoint(string Name, ulong Guid, ulong CreationTxg, bool IsBookmark, string? Snapshot)
{
    /// <summary>The name in a volume or dataset.</summary>
    public string In(string name) => $"{name}{(IsBookmark ? '#' : '@')}{Name}";
}

/// <summary>What another store has of a volume.</summary>
/// <param name="Volume">Its name there.</param>
/// <param name="Guids">The identities of its snapshots, the oldest first.</param>
internal sealed record OtherSide(VolumeName Volume, IReadOnlyList<ulong> Guids);
