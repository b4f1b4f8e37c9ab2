using System;
using System.Collections.Generic;

namespace Kvol.Storage.Values;

/// <summary>A snapshot of a volume.</summary>
/// <param name="Referenced">Bytes that its content takes, shared ones included; null where that is not known at once.</param>
/// <param name="NotKept">What lies in the volume and is not in the snapshot, a line each; null where only a list was asked for.</param>
internal sealed record SnapshotInfo(SnapshotName Name, DateTimeOffset Created, long? Referenced, IReadOnlyList<string>? NotKept = null);

/// <summary>What a volume takes, in bytes; null: not known on this store.</summary>
/// <param name="Used">Allocated, as far as it is told apart from others.</param>
/// <param name="Apparent">The lengths of its files, holes included.</param>
/// <param name="Referenced">Allocated by the content as it is now, shared or not.</param>
/// <param name="Available">What may still be written.</param>
/// <param name="Quota">The most that it may refer to; null: none.</param>
/// <param name="Snapshots">What would be free without its snapshots.</param>
/// <param name="SavedInPool">What cloned blocks save in its whole pool, which does not tell it of each volume.</param>
internal sealed record SpaceUse(long Used, long? Apparent, long? Referenced, long Available, long? Quota, long? Snapshots, long? SavedInPool);

/// <summary>A property of a volume; null: it has none of that.</summary>
internal sealed record PropertyValue(string Name, string? Value);

/// <summary>A volume that is kept after its deletion.</summary>
/// <param name="Id">Its name among the deleted.</param>
internal sealed record DeletedVolume(string Id, VolumeName Name, DateTimeOffset At, DateTimeOffset Until);
