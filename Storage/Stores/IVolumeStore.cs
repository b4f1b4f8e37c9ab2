using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Where volumes live. A verb that changes a volume holds its lock; a refusal says why (69: not on this store).</summary>
internal interface IVolumeStore : IDisposable
{
    /// <summary>As the administrator named it.</summary>
    string Root { get; }

    /// <summary>The id that the configuration may name.</summary>
    string Id { get; }

    /// <summary>Whether files of it may share blocks, and why not; found out by trying where nothing else tells.</summary>
    string CloningStatus();

    /// <summary>The same where it is known without trying; null elsewhere.</summary>
    string? KnownCloningStatus { get; }

    /// <summary>Whether what fills a volume may let files share blocks with their source, where that is <paramref
    /// name="wanted"/>.</summary>
    bool MayClone(bool wanted);

    /// <summary>What lets others than root reach the volumes through the store, and what to do; null when nothing does.</summary>
    string? Exposure { get; }

    /// <summary>What keeps the store from taking anything more, and what to do; null when nothing does. It is found out by
    /// trying.</summary>
    string? Trouble { get; }

    /// <summary>Moves a damaged volume, or what has the name of one, to where it is in nobody's way; where it lies now. Nothing of it is
    /// deleted.</summary>
    string SetAside(VolumeName name);

    /// <summary>Removes the temporary files that a kill left in the store, and with <paramref name="dryRun"/> only finds them; their
    /// paths.</summary>
    IReadOnlyList<string> Sweep(bool dryRun);

    /// <summary>All volumes by name, and what lies among them and is none; what cannot be read is given to <paramref name="damaged"/> and
    /// left out.</summary>
    IReadOnlyList<StoreEntry> List(Action<KvolException> damaged);

    /// <summary>A volume, or null; an error (65) when its metadata is damaged.</summary>
    Volume? Find(VolumeName name);

    /// <summary>Takes the lock of a name, whether or not it exists, and clears what a crash left of it; where it is
    /// <paramref name="toRemove"/>, nothing is completed for that. <c>VolumeLocks</c> alone calls it, so
    /// that all commands take locks in one order.</summary>
    IDisposable Lock(VolumeName name, Context context, bool toRemove = false);

    /// <summary>The names of which a crash may have left something that taking their lock clears; for gc.</summary>
    IReadOnlyList<VolumeName> Unfinished();

    /// <summary>Makes a volume at one instant; an existing one is left as it is: then false.</summary>
    bool Create(VolumeName name, NewVolume wanted);

    /// <summary>Removes a volume that the caller knows to be unused, at one instant; its snapshots too when
    /// <paramref name="force"/>.</summary>
    void Remove(VolumeName name, bool force);

    /// <summary>The content of a volume, as a reference to mount.</summary>
    Fd OpenContent(VolumeName name);

    /// <summary>Its top directory, open to be read and changed.</summary>
    Fd OpenTop(VolumeName name);

    /// <summary>Records that a volume had its first mount: what it takes no later one gives it (<see cref="Volume.Takes"/>).</summary>
    void EndTaking(VolumeName name);

    /// <summary>Bytes allocated by its content.</summary>
    long Used(VolumeName name);

    /// <summary>Tells which volume a row of a mount table shows, or null when it shows none of this store. Rows of other mount namespaces
    /// may be asked too.</summary>
    Func<MountEntry, ShownVolume?> Classifier(MountTable table);

    /// <summary>Where the content of a volume can be seen at this moment; null when it cannot.</summary>
    ByteString? ContentPath(VolumeName name);

    /// <summary>The directory with what must outlive the boot: mount points made in root directories. None when it is not there and
    /// <paramref name="create"/> is false.</summary>
    Fd OpenRecords(bool create);

    /// <summary>Makes a volume with content: at one instant, durably, absent or complete. The name is free.</summary>
    SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context);

    /// <summary>Fills an empty volume, all or nothing and durably. <paramref name="isMounted"/>: it is mounted somewhere, everywhere
    /// read-only.</summary>
    SeedRecord Fill(VolumeName name, FillDirectory fill, bool isMounted, Context context);

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
