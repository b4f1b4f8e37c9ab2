using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Where volumes live. A verb that changes a volume holds its lock. A refusal is an error that gives the reason (69: not supported
/// by this store).</summary>
internal interface IVolumeStore : IDisposable
{
    /// <summary>The name that the administrator gave it.</summary>
    string Root { get; }

    /// <summary>The id that the configuration may name.</summary>
    string Id { get; }

    /// <summary>Whether its files may share blocks, and if not, why; determined by an attempt if there is no other way.</summary>
    string CloningStatus();

    /// <summary>The same if it is known without an attempt; otherwise null.</summary>
    string? KnownCloningStatus { get; }

    /// <summary>Whether copies into a volume may share blocks with their source, if that is <paramref name="wanted"/>.</summary>
    bool MayClone(bool wanted);

    /// <summary>What lets users other than root reach the volumes through the store, and how to fix it; null if nothing does.</summary>
    string? Exposure { get; }

    /// <summary>What it has if other hosts may use it too; null if it lies in a file system of this host.</summary>
    SharedStore? Shared => null;

    /// <summary>What keeps the store from accepting new data, and how to fix it; null if nothing does. Determined by an attempt.</summary>
    string? Trouble { get; }

    /// <summary>Moves a damaged volume, or a foreign entry with a volume's name, out of the way and returns its new path. Deletes
    /// nothing.</summary>
    string SetAside(VolumeName name);

    /// <summary>Removes the temporary files that killed commands left in the store, or with <paramref name="dryRun"/> only finds them.
    /// Returns their paths.</summary>
    IReadOnlyList<string> Sweep(bool dryRun);

    /// <summary>All volumes by name, and the foreign entries among them. Those that cannot be read are passed to <paramref name="damaged"/>
    /// and left out.</summary>
    IReadOnlyList<StoreEntry> List(Action<KvolException> damaged);

    /// <summary>The names of the same, without what is said of them: the content of metadata is not read, so that its damage goes unnoticed
    /// where the names are cheaper.</summary>
    IReadOnlyList<string> Names(Action<KvolException> damaged);

    /// <summary>A volume, or null; an error (65) when its metadata is damaged.</summary>
    Volume? Find(VolumeName name);

    /// <summary>How existing data become a volume without a copy, and how a volume leaves the store.</summary>
    IAdoption Adoption { get; }

    /// <summary>Takes the lock of a name, whether or not it exists, and heals what a crash left of it; with <paramref name="toRemove"/>,
    /// nothing is completed for that. Only <c>VolumeLocks</c> calls this, so that all commands take locks in one order.</summary>
    IDisposable Lock(VolumeName name, Context context, bool toRemove = false);

    /// <summary>The names that a crash may have left something of; taking their locks heals it. For gc.</summary>
    IReadOnlyList<VolumeName> Unfinished();

    /// <summary>Creates a volume atomically; if it exists, leaves it as it is and returns false.</summary>
    bool Create(VolumeName name, NewVolume wanted);

    /// <summary>Throws an error (75) for what forbids to remove a volume: its snapshots unless <paramref name="force"/>, and whatever
    /// depends on it. <paramref name="isKept"/>: deleted volumes may still depend on it, because it is only going to be one of
    /// them.</summary>
    void RequireRemovable(VolumeName name, bool force, bool isKept);

    /// <summary>Removes an unused volume atomically, with its snapshots if <paramref name="force"/>. The caller has checked that nothing
    /// uses it.</summary>
    void Remove(VolumeName name, bool force);

    /// <summary>Its operations with keys; null if it does not encrypt.</summary>
    IVolumeKeys? Keys => this as IVolumeKeys;

    /// <summary>Its operations with streams; null if it has no format of its own.</summary>
    IVolumeStreams? Streams => this as IVolumeStreams;

    /// <summary>The path that the content of a volume will have, if only a step of a dry run makes or mounts it; otherwise null.</summary>
    ByteString? PlannedContent(VolumeName name) => null;

    /// <summary>Whether a volume contains nothing but mount points that kvol made.</summary>
    bool IsEmpty(VolumeName name) => VolumeContent.IsEmpty(this, name);

    /// <inheritdoc cref="VolumeContent.TakeOwner"/>
    void TakeOwner(VolumeName name, in FileStatus from, TopParts? takes) => VolumeContent.TakeOwner(this, name, from, takes);

    /// <summary>The content of a volume, as a reference to mount.</summary>
    Fd OpenContent(VolumeName name);

    /// <summary>Opens the content of a snapshot to mount it; an error (66) if it does not exist, (65) if it is not whole.</summary>
    SnapshotContent OpenContent(SnapshotName name);

    /// <summary>The content of a snapshot that the kernel would let go while a process uses it; closed where it refuses that.</summary>
    Fd OpenRemovable(SnapshotName name) => Fd.None;

    /// <summary>What is removed with a volume: its content, and with it its snapshots where the kernel would let them go.</summary>
    Fd OpenRemovable(VolumeName name) => OpenContent(name);

    /// <summary>Its top directory, open for reading and changing.</summary>
    Fd OpenTop(VolumeName name);

    /// <summary>Records that a volume had its first mount, so that later mounts do not change owner or mode
    /// (<see cref="Volume.Takes"/>).</summary>
    void EndTaking(VolumeName name);

    /// <summary>Bytes allocated by its content.</summary>
    long Used(VolumeName name);

    /// <summary>The volume that a row of a mount table shows; null if it shows none of this store. The row may be of another mount
    /// namespace.</summary>
    Func<MountEntry, ShownVolume?> Classifier(MountTable table);

    /// <summary>Where the content of a volume is visible now; null if it is not.</summary>
    ByteString? ContentPath(VolumeName name);

    /// <summary>The directory for state that must outlive the boot: mount points made in root directories. Closed if it does not exist and
    /// <paramref name="create"/> is false.</summary>
    Fd OpenRecords(bool create);

    /// <summary>The directory with the records of when volumes were last used. Closed if it does not exist and <paramref name="create"/> is
    /// false, or if the store has no place for it now.</summary>
    Fd OpenUses(bool create);

    /// <summary>stat(2) of the record of a volume in that directory; null if there is none.</summary>
    FileStatus? FindUse(VolumeName name);

    /// <summary>Creates a volume with content, atomically and durably. The name is free.</summary>
    SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context);

    /// <summary>Fills an empty volume, all or nothing and durably. <paramref name="isMounted"/>: it is mounted, everywhere
    /// read-only.</summary>
    SeedRecord Fill(VolumeName name, FillDirectory fill, bool isMounted, Context context);

    /// <summary>Opens a volume or snapshot for reading; an error (66) if the snapshot does not exist. The lock may be released while it is
    /// read.</summary>
    VolumeView OpenView(VolumeName name, SnapshotName? snapshot);

    /// <summary>The datasets inside a volume, one line each: snapshots, clones and archives of the volume do not include them.</summary>
    IReadOnlyList<string> LeftOut(VolumeName name);

    /// <summary>Renames a volume that is mounted nowhere, atomically. The new name is free.</summary>
    void Rename(VolumeName name, VolumeName to);

    /// <summary>Makes a new volume with the content of a volume or snapshot; the caller holds both locks. <paramref name="readsLive"/> is
    /// called before reading content that others may change concurrently.</summary>
    SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context, Action readsLive);

    /// <summary>Promotes a clone: reverses its dependency on its source. Does nothing if the clone depends on nothing.</summary>
    void Promote(VolumeName name);

    /// <summary>The space that a volume uses.</summary>
    SpaceUse Space(VolumeName name);

    /// <summary>The room of the whole store. A directory store has that of its file system.</summary>
    StoreRoom Room();

    /// <summary>The values of the given properties, in that order; all of the store's if none is given.</summary>
    IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names);

    /// <summary>Sets all of them or none. An empty value removes a label. <paramref name="isInUse"/> returns whether anything uses the
    /// volume; it is called only if the store would have to remount it.</summary>
    void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values, Func<bool> isInUse);

    /// <summary>The snapshots of a volume, oldest first.</summary>
    IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name);

    /// <summary>One snapshot, or null.</summary>
    SnapshotInfo? Find(SnapshotName name) => Snapshots(name.Volume).FirstOrDefault(s => s.Name == name);

    /// <summary>Why it can make no snapshots, and what to do; null if it can. Determined by an attempt.</summary>
    string? CannotSnapshot { get; }

    /// <summary>Makes snapshots of different volumes, all or none, and records their group and the period of the policy that asks for
    /// them; an error (73) if a name already exists. <paramref name="readsLive"/> is called before reading content that others may change
    /// concurrently. The result has no more than that; <see cref="Snapshots"/> tells the rest.</summary>
    IReadOnlyList<SnapshotInfo> Snapshot(IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Context context, Action readsLive,
        SnapshotPeriod? policy = null);

    /// <summary>Removes snapshots of different volumes, all or none; an error (66) if one does not exist.</summary>
    void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots);

    /// <summary>Whether a mounted volume can be rolled back to a snapshot, if it is the only one.</summary>
    bool RollsBackMounted { get; }

    /// <summary>Rolls different volumes back, all or none. Newer snapshots are named. The volumes are mounted nowhere, unless there is only
    /// one and <see cref="RollsBackMounted"/> is true. What the volumes held, and the newer snapshots, are kept as
    /// <paramref name="keep"/> says where the store can do that (<see cref="KeepsRollbacks"/>), and returned.</summary>
    IReadOnlyList<DeletedVolume> Rollback(IReadOnlyList<RollbackStep> steps, DeletionRecord? keep, Context context);

    /// <summary>Whether it can keep what a volume held before a rollback.</summary>
    bool KeepsRollbacks { get; }

    /// <summary>Brings back what a volume held before a rollback, and keeps what it holds now in the same way. The volume is mounted
    /// nowhere.</summary>
    DeletedVolume Return(DeletedVolume deleted, DeletionRecord keep, Context context);

    /// <summary>Deletes a volume that is mounted nowhere, atomically, and keeps it until the given time so that it can be brought
    /// back.</summary>
    DeletedVolume Keep(VolumeName name, DeletionRecord deletion);

    /// <summary>Bytes allocated by a deleted volume, its snapshots included.</summary>
    long Used(DeletedVolume deleted);

    /// <summary>The deleted volumes that are kept, the oldest deletion first. Of those whose record cannot be read, the id and the error
    /// are passed to <paramref name="damaged"/>.</summary>
    IReadOnlyList<DeletedVolume> Deleted(Action<string, KvolException> damaged);

    /// <summary>Brings a deleted volume back under a free name, also one whose record is damaged.</summary>
    void Undelete(DeletedVolume deleted);

    /// <summary>Removes a deleted volume for good; false if it is mounted somewhere. The caller holds the lock of its name.</summary>
    bool Purge(DeletedVolume deleted);
}
