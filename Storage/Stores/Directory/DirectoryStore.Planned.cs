using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>What a dry run announces in place of each change.</content>
internal sealed partial class DirectoryStore : IStoreSteps
{
    private string Place => Files.PathOf(volumes).Text;

    public string ContentOf(VolumeName name) => $"{PathOf(name)}/{Data}";

    public Volume Describe(VolumeName name, NewVolume wanted) => NewDirectoryStore.Describe(name, wanted, ContentOf(name));

    public void PlanCreate(Plan plan, VolumeName name, NewVolume wanted)
    {
        RequireSupported(wanted);
        if (wanted.Quota is > 0)
        {
            RequireProjects(volumes);
        }

        NewDirectoryStore.Create(plan, ContentOf(name), name, wanted);
    }

    public VolumeState? PlanHealing(Plan plan, VolumeName name)
    {
        plan.Note($"complete or undo what a crash left of {name} in {Place}");
        using var volume = FindVolume(name);
        return !volume.IsOpen ? null : Files.Exists(volume, Committed) ? VolumeState.Ready
            : Files.Exists(volume, Staging) ? VolumeState.Empty
            : Find(name)?.State;
    }

    public void PlanOpening(Plan plan, VolumeName name) => OpenTop(name).Dispose();

    public void CheckFilling(VolumeName name, bool isMounted)
    {
        using var data = OpenTop(name);
        if (isMounted && Attributes.Protects(Attributes.Flags(data)))
        {
            throw Refusals.Protected(name, data);
        }
    }

    public void PlanRemoval(Plan plan, VolumeName name, bool force)
    {
        RequireRemovable(name, force);
        plan.Do("rm", "-rf", PathOf(name));
    }

    public string PlanSettingAside(Plan plan, VolumeName name)
    {
        var aside = $"{Files.PathOf(directory).Text}/{DamagedName}";
        plan.Do("mkdir", "-p", "-m", "0700", aside);
        plan.Do("mv", PathOf(name), $"{aside}/{name}.TIME");
        return $"{aside}/{name}.TIME";
    }

    public void PlanRename(Plan plan, VolumeName name, VolumeName to)
    {
        RequireFreePlace(to);
        plan.Do("mv", PathOf(name), PathOf(to));
        plan.Note($"write the new name into {PathOf(to)}/{VolumeFile.FileName}");
    }

    public void PlanClone(Plan plan, VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Action readsLive)
    {
        if (snapshot is not null)
        {
            OpenSnapshot(snapshot).Dispose();
        }
        else
        {
            readsLive();
        }

        NewDirectoryStore.Create(plan, ContentOf(to), to, wanted);
        plan.Note($"copy the content of {(snapshot is null ? name.Text : snapshot.ToString())} into {to}, all or nothing; blocks are "
            + "shared where the file system can");
    }

    public void PlanPromotion(Plan plan, VolumeName name)
    {
        // a copy of its own
    }

    public void PlanProperties(Plan plan, VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values)
    {
        var quota = RequireSettable(values);
        using var data = OpenTop(name);
        if (quota.IsGiven)
        {
            RequireQuota(name, data, quota.Wanted);
        }

        foreach (var (property, value) in values.Where(v => v.Name.Label is not null))
        {
            plan.Note(value.Length == 0 ? $"remove {property} from {PathOf(name)}/{VolumeFile.FileName}"
                : $"write {property} = {value} into {PathOf(name)}/{VolumeFile.FileName}");
        }

        if (quota.IsGiven)
        {
            plan.Note(quota.Wanted is { } bytes ? $"limit {name} to {bytes} bytes as a project of its own" : $"remove the limit of {name}");
        }
    }

    public void PlanSnapshots(Plan plan, IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Action readsLive)
    {
        RequireCloning(snapshots[0]);
        readsLive();
        foreach (var snapshot in snapshots)
        {
            plan.Note($"copy {ContentOf(snapshot.Volume)} to {PathOf(snapshot)}, sharing all blocks");
        }
    }

    public void PlanSnapshotRemoval(Plan plan, IReadOnlyList<SnapshotName> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            plan.Do("rm", "-rf", PathOf(snapshot));
        }
    }

    public void PlanRollback(Plan plan, IReadOnlyList<RollbackStep> steps)
    {
        RequireUnprotected(steps);
        foreach (var step in steps)
        {
            plan.Note($"exchange {ContentOf(step.To.Volume)} for a copy of {PathOf(step.To)} that shares all blocks"
                + (steps.Count > 1 ? "; all volumes or none" : ""));
            PlanSnapshotRemoval(plan, step.Newer);
        }
    }

    public void PlanKeeping(Plan plan, VolumeName name, DeletionRecord deletion)
    {
        var place = $"{Files.PathOf(directory).Text}/{DeletedName}";
        plan.Note($"write into {PathOf(name)}/{VolumeFile.FileName} until when {name} is kept: {Timestamp.Text(deletion.Until)}");
        plan.Do("mkdir", "-p", "-m", "0700", place);
        plan.Do("mv", PathOf(name), $"{place}/{RandomHex.Of(12)}");
    }

    public void PlanUndeletion(Plan plan, DeletedVolume deleted)
    {
        plan.Do("mv", $"{Files.PathOf(directory).Text}/{DeletedName}/{deleted.Id}", PathOf(deleted.Name));
        plan.Note($"write {PathOf(deleted.Name)}/{VolumeFile.FileName} as that of a volume that is not deleted");
    }

    public void PlanPurge(Plan plan, DeletedVolume deleted) =>
        plan.Do("rm", "-rf", $"{Files.PathOf(directory).Text}/{DeletedName}/{deleted.Id}");

    /// <summary>Throws an error (69) if a directory store cannot have such a volume.</summary>
    public static void RequireSupported(NewVolume wanted)
    {
        if (wanted.KeyFile is not null)
        {
            throw Refusals.DoesNotEncrypt("--encrypt");
        }

        if (wanted.Properties is { Count: > 0 })
        {
            throw new KvolException(ExitStatus.Unavailable, "-o", "a directory store has no datasets, so no properties; leave it out");
        }
    }

    private string PathOf(VolumeName name) => $"{Place}/{name}";

    private string PathOf(SnapshotName snapshot) => $"{Place}/{snapshot.Volume}/{SnapshotsName}/{snapshot.Name}";
}
