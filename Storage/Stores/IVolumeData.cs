using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Puts content into an empty directory of root's: what it was, and the flags that forbid changes to the directory and its
/// entries, which the store sets when nothing else is to be done to them. What was chosen for the top directory goes before what the
/// content says of it.</summary>
internal delegate (SeedRecord Seed, HeldFlags Held) FillDirectory(Fd directory, TopDirectory chosen);

/// <summary>A volume or snapshot opened to be read.</summary>
/// <param name="Directory">Its top directory.</param>
/// <param name="IsInstant">Whether it is one instant, which nothing changes any more.</param>
/// <param name="Release">What is to be undone when it was read.</param>
internal sealed record VolumeView(Fd Directory, bool IsInstant, Action Release) : IDisposable
{
    public void Dispose()
    {
        Directory.Dispose();
        Release();
    }
}

/// <summary>What a store does with the content of volumes. A verb that changes a volume wants its lock held; a refusal says why (69: not on
/// this store).</summary>
internal interface IVolumeData
{
    /// <summary>Makes a volume with content: at one instant, durably, absent or complete. The name is free.</summary>
    SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context);

    /// <summary>Fills an empty volume that is mounted nowhere, all or nothing and durably.</summary>
    SeedRecord Fill(VolumeName name, FillDirectory fill, Context context);

    /// <summary>Opens a volume or snapshot to be read; an error (66) when the snapshot is not there. The lock need not be held while it is
    /// read.</summary>
    VolumeView OpenView(VolumeName name, SnapshotName? snapshot);

    /// <summary>What lies inside a volume as a dataset of its own, which no snapshot, clone or archive of the volume has; a line
    /// each.</summary>
    IReadOnlyList<string> LeftOut(VolumeName name);

    /// <summary>Gives a volume that is mounted nowhere another name, which is free: at one instant.</summary>
    void Rename(VolumeName name, VolumeName to);

    /// <summary>Makes a new volume with the content of a volume or snapshot; both locks are held. <paramref name="readsLive"/> is called
    /// before content is read that others may change concurrently.</summary>
    SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context, Action readsLive);

    /// <summary>Makes a clone the one that its source stands on; nothing where a clone stands on nothing.</summary>
    void Promote(VolumeName name);

    /// <summary>What a volume takes.</summary>
    SpaceUse Space(VolumeName name);

    /// <summary>The values of properties, in the order asked for; all that the store has when none is.</summary>
    IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names);

    /// <summary>Sets all of them or none. An empty value removes a label. <paramref name="isInUse"/> tells whether anything uses the
    /// volume; it is asked only where the store would mount it anew.</summary>
    void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values, Func<bool> isInUse);

    /// <summary>The snapshots of a volume, oldest first.</summary>
    IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name);

    /// <summary>Makes a snapshot; an error (73) when the name is taken. <paramref name="readsLive"/> is called before content is read that
    /// others may change concurrently.</summary>
    SnapshotInfo Snapshot(SnapshotName snapshot, Context context, Action readsLive);

    /// <summary>Removes snapshots of one volume, the newest first; an error (66) when one is not there.</summary>
    void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots);

    /// <summary>Whether a volume can go back to a snapshot while it is mounted.</summary>
    bool RollsBackMounted { get; }

    /// <summary>Makes the content what it was at a snapshot, at one instant. There is no newer snapshot, and it is mounted nowhere where
    /// <see cref="RollsBackMounted"/> is false.</summary>
    void Rollback(SnapshotName snapshot, Context context);

    /// <summary>Deletes a volume that is mounted nowhere, at one instant, in such a way that it can come back until then.</summary>
    void Keep(VolumeName name, DeletionRecord deletion);

    /// <summary>The volumes that are kept after their deletion, the oldest deletion first; what cannot be read is given to
    /// <paramref name="damaged"/>.</summary>
    IReadOnlyList<DeletedVolume> Deleted(Action<KvolException> damaged);

    /// <summary>Brings a deleted volume back under a free name.</summary>
    void Undelete(DeletedVolume deleted);

    /// <summary>Ends a deletion for good, unless it is mounted somewhere: then false. Its name's lock is held.</summary>
    bool Purge(DeletedVolume deleted);
}
