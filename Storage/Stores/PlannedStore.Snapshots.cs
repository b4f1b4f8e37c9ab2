using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>Snapshots, and deleted volumes.</content>
internal sealed partial class PlannedStore
{
    public string? CannotSnapshot => Real.CannotSnapshot;

    public bool RollsBackMounted => Real.RollsBackMounted;

    public bool KeepsRollbacks => Real.KeepsRollbacks;

    public IReadOnlyList<SnapshotInfo> Snapshots(VolumeName name) => planned.Made.Contains(name) ? []
        : [.. Real.Snapshots(name).Concat(planned.Taken.Where(s => s.Name.Volume == name)).Where(s => !planned.Gone.Contains(s.Name))];

    public IReadOnlyList<SnapshotInfo> Snapshot(IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Context context,
        Action readsLive, SnapshotPeriod? policy)
    {
        if (snapshots.FirstOrDefault(s => Snapshots(s.Volume).Any(t => t.Name == s)) is { } existing)
        {
            throw Refusals.Taken(existing.ToString());
        }

        Change(() => Steps.PlanSnapshots(plan, snapshots, group, readsLive, policy));
        var infos = SnapshotInfo.Taken(snapshots, group, policy);
        planned.Taken.AddRange(infos);
        return infos;
    }

    public void RemoveSnapshots(IReadOnlyList<SnapshotName> snapshots)
    {
        if (snapshots.FirstOrDefault(s => Snapshots(s.Volume).All(t => t.Name != s)) is { } missing)
        {
            throw Refusals.NoSuchSnapshot(missing);
        }

        Change(() => Steps.PlanSnapshotRemoval(plan, snapshots));
        planned.Gone.UnionWith(snapshots);
    }

    public IReadOnlyList<DeletedVolume> Rollback(IReadOnlyList<RollbackStep> to, DeletionRecord? keep, Context context)
    {
        Change(() => Steps.PlanRollback(plan, to, keep));
        planned.Gone.UnionWith(to.SelectMany(s => s.Newer));
        return [];
    }

    public DeletedVolume Return(DeletedVolume deleted, DeletionRecord keep, Context context)
    {
        Change(() => Steps.PlanReturn(plan, deleted, keep));
        planned.NotKept.Add(deleted.Id);
        return deleted with { Deletion = keep };
    }

    public DeletedVolume Keep(VolumeName name, DeletionRecord deletion)
    {
        Change(() => Steps.PlanKeeping(plan, name, deletion));
        planned.Changed[name] = null;
        return new DeletedVolume("", name, deletion);
    }

    public long Used(DeletedVolume deleted) => Real.Used(deleted);

    public IReadOnlyList<DeletedVolume> Deleted(Action<string, KvolException> damaged) =>
        [.. (real?.Deleted(damaged) ?? []).Where(d => !planned.NotKept.Contains(d.Id))];

    public void Undelete(DeletedVolume deleted)
    {
        Change(() => Steps.PlanUndeletion(plan, deleted));
        planned.NotKept.Add(deleted.Id);
        planned.Changed[deleted.Name] = steps.Describe(deleted.Name, new NewVolume()) with { State = VolumeState.Ready };
    }

    public bool Purge(DeletedVolume deleted)
    {
        var isDone = false;
        Change(() => isDone = Steps.PlanPurge(plan, deleted));
        return isDone && planned.NotKept.Add(deleted.Id);
    }
}
