using System;
using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A volume, or a foreign entry among the volumes, and where it is mounted.</summary>
internal readonly record struct ListedEntry(StoreEntry Entry, IReadOnlyList<MountView> Mounts)
{
    /// <summary>What is recorded of its last use; null if nothing is, or if nobody asked for it.</summary>
    public LastUse? Use { get; init; }

    /// <summary>Whether a jail is attached to it.</summary>
    public bool IsAttached { get; init; }

    /// <summary>Whether it is known that nothing has used it for this time. A record that is older than the volume is of an earlier volume
    /// of that name.</summary>
    public bool IsUnusedFor(TimeSpan time) =>
        Mounts.Count == 0 && !IsAttached && Use is { } use && use.IsOlderThan(time) && DateTimeOffset.UtcNow - Entry.Created >= time;
}
