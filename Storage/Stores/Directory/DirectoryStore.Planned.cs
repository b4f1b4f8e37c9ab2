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

    public void RequireWritable() => Files.RequireWritable(volumes);

    public void RequireSupported(NewVolume wanted) => new NewDirectoryStore(Root).RequireSupported(wanted);

    public void PlanCreate(Plan plan, VolumeName name, NewVolume wanted)
    {
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
        RequireRemovable(name, force, isKept: false);
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
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        var (hasQuota, quota, _) = RequireSettable(VolumeFile.Read(volume, name), values);
        using var data = Files.OpenDirectory(volume, Data);
        if (hasQuota)
        {
            RequireQuota(name, data, quota);
        }

        foreach (var (property, value) in values.Where(v => v.Name.Text != QuotaName))
        {
            plan.Note(value.Length == 0 ? $"remove {property} from {PathOf(name)}/{VolumeFile.FileName}"
                : $"write {property} = {value} into {PathOf(name)}/{VolumeFile.FileName}");
        }

        if (hasQuota)
        {
            plan.Note(quota is { } bytes ? $"limit {name} to {bytes} bytes as a project of its own" : $"remove the limit of {name}");
        }
    }

    public void PlanSnapshots(Plan plan, IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Action readsLive,
        SnapshotPeriod? policy)
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

    public void PlanRollback(Plan plan, IReadOnlyList<RollbackStep> steps, DeletionRecord? keep)
    {
        RequireUnprotected(steps);
        foreach (var step in steps)
        {
            plan.Note($"exchange {ContentOf(step.To.Volume)} for a copy of {PathOf(step.To)} that shares all blocks"
                + (steps.Count > 1 ? "; all volumes or none" : ""));
            if (keep is null)
            {
                PlanSnapshotRemoval(plan, step.Newer);
            }
            else
            {
                plan.Note($"keep what {step.To.Volume} holds now in {KeptPlace(RandomHex.Of(12))} until {Timestamp.Text(keep.Until)}"
                    + (step.Newer.Count == 0 ? "" : $", with its snapshots {string.Join(", ", step.Newer.Select(n => n.Name))}"));
            }
        }
    }

    public void PlanReturn(Plan plan, DeletedVolume deleted, DeletionRecord keep)
    {
        using var from = OwnDirectory.Open(directory, DeletedName, upkeep);
        using var old = Files.OpenDirectory(from, new ByteString(deleted.Id));
        using var content = Files.OpenDirectory(old, Data);
        RequireReturnable(deleted, old, content, RequireQuota);
        plan.Note($"exchange {ContentOf(deleted.Name)} for {KeptPlace(deleted.Id)}/{Data}, and move the snapshots there back");
        plan.Note($"keep what {deleted.Name} holds now in {KeptPlace(RandomHex.Of(12))} until {Timestamp.Text(keep.Until)}");
    }

    public void PlanKeeping(Plan plan, VolumeName name, DeletionRecord deletion)
    {
        plan.Note($"write into {PathOf(name)}/{VolumeFile.FileName} until when {name} is kept: {Timestamp.Text(deletion.Until)}");
        plan.Do("mkdir", "-p", "-m", "0700", $"{Files.PathOf(directory).Text}/{DeletedName}");
        plan.Do("mv", PathOf(name), KeptPlace(RandomHex.Of(12)));
    }

    public void PlanUndeletion(Plan plan, DeletedVolume deleted)
    {
        plan.Do("mv", KeptPlace(deleted.Id), PathOf(deleted.Name));
        plan.Note($"write {PathOf(deleted.Name)}/{VolumeFile.FileName} as that of a volume that is not deleted");
    }

    public bool PlanPurge(Plan plan, DeletedVolume deleted)
    {
        using (var from = OwnDirectory.Open(directory, DeletedName, upkeep))
        using (var volume = Files.OpenDirectory(from, new ByteString(deleted.Id)))
        {
            if (IsMounted(volume))
            {
                return false;
            }
        }

        plan.Do("rm", "-rf", KeptPlace(deleted.Id));
        return true;
    }

    private string PathOf(VolumeName name) => $"{Place}/{name}";

    private string KeptPlace(string id) => $"{Files.PathOf(directory).Text}/{DeletedName}/{id}";

    private string PathOf(SnapshotName snapshot) => $"{Place}/{snapshot.Volume}/{SnapshotsName}/{snapshot.Name}";
}
