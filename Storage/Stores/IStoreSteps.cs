using System;
using System.Collections.Generic;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Announces the steps of a dry run for new volumes of a store, which itself may be announced.</summary>
internal interface INewStoreSteps
{
    /// <summary>The path that the content of a new volume will have.</summary>
    string ContentOf(VolumeName name);

    /// <summary>The volume that <see cref="PlanCreate"/> announces.</summary>
    Volume Describe(VolumeName name, NewVolume wanted);

    /// <summary>Throws the error of a change if the store is read-only. For a ZFS store only the change shows that.</summary>
    void RequireWritable()
    {
    }

    /// <summary>Throws the error of settings that no volume of the store can have, whether it exists or not.</summary>
    void RequireSupported(NewVolume wanted)
    {
    }

    /// <summary>Checks a new volume and announces it.</summary>
    void PlanCreate(Plan plan, VolumeName name, NewVolume wanted);

    /// <inheritdoc cref="IAdoption.TryAdopt"/>
    bool TryPlanAdoption(Plan plan, VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld);

    /// <inheritdoc cref="IAdoption.Adopt"/>
    (string? Place, string? Mountpoint) PlanAdoption(Plan plan, VolumeName name, DatasetName dataset, NewVolume wanted);
}

/// <summary>Checks what a store is to do, and announces it in place of doing it: each step in the commands of the base system where it has
/// equal ones. A refusal is the same error as that of <see cref="IVolumeStore"/>.</summary>
internal interface IStoreSteps : INewStoreSteps
{
    /// <summary>Announces the healing of a volume of which a crash left something; the volume's state afterwards, null if it is gone
    /// then.</summary>
    VolumeState? PlanHealing(Plan plan, VolumeName name);

    /// <summary>Announces that the content of a volume is made visible; an error if it cannot be.</summary>
    void PlanOpening(Plan plan, VolumeName name);

    /// <summary>Checks that a volume can be filled.</summary>
    void CheckFilling(VolumeName name, bool isMounted);

    /// <inheritdoc cref="IVolumeStore.Remove"/>
    void PlanRemoval(Plan plan, VolumeName name, bool force);

    /// <inheritdoc cref="IVolumeStore.SetAside"/>
    string PlanSettingAside(Plan plan, VolumeName name);

    /// <inheritdoc cref="IVolumeStore.Rename"/>
    void PlanRename(Plan plan, VolumeName name, VolumeName to);

    /// <inheritdoc cref="IVolumeStore.Clone"/>
    void PlanClone(Plan plan, VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Action readsLive);

    /// <inheritdoc cref="IVolumeStore.Promote"/>
    void PlanPromotion(Plan plan, VolumeName name);

    /// <inheritdoc cref="IVolumeStore.SetProperties"/>
    void PlanProperties(Plan plan, VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values);

    /// <inheritdoc cref="IVolumeStore.Snapshot"/>
    void PlanSnapshots(Plan plan, IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Action readsLive,
        SnapshotPeriod? policy);

    /// <inheritdoc cref="IVolumeStore.RemoveSnapshots"/>
    void PlanSnapshotRemoval(Plan plan, IReadOnlyList<SnapshotName> snapshots);

    /// <inheritdoc cref="IVolumeStore.Rollback"/>
    void PlanRollback(Plan plan, IReadOnlyList<RollbackStep> steps, DeletionRecord? keep);

    /// <inheritdoc cref="IVolumeStore.Return"/>
    void PlanReturn(Plan plan, DeletedVolume deleted, DeletionRecord keep);

    /// <inheritdoc cref="IVolumeStore.Keep"/>
    void PlanKeeping(Plan plan, VolumeName name, DeletionRecord deletion);

    /// <inheritdoc cref="IVolumeStore.Undelete"/>
    void PlanUndeletion(Plan plan, DeletedVolume deleted);

    /// <inheritdoc cref="IVolumeStore.Purge"/>
    bool PlanPurge(Plan plan, DeletedVolume deleted);

    /// <inheritdoc cref="IAdoption.Release(VolumeName, HostPlace)"/>
    void PlanRelease(Plan plan, VolumeName name, HostPlace to);

    /// <inheritdoc cref="IAdoption.Release(VolumeName, DatasetName, string?)"/>
    string? PlanRelease(Plan plan, VolumeName name, DatasetName to, string? mountpoint);
}
