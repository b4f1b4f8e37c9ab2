using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>What a dry run announces in place of each change.</content>
internal sealed partial class ZfsStore : IStoreSteps
{
    public string ContentOf(VolumeName name) => (Stats(name) is { } dataset ? mounts.MountpointOf(dataset) : null)
        ?? $"{(mounts.MountpointOf(above) ?? "/" + volumes).TrimEnd('/')}/{name}";

    public Volume Describe(VolumeName name, NewVolume wanted) =>
        NewDatasetStore.Describe(name, wanted, volumes.Child(name.Text), ContentOf(name));

    public void PlanCreate(Plan plan, VolumeName name, NewVolume wanted)
    {
        RefuseOpenPlace(wanted);
        PlanMountAbove(plan);
        NewDatasetStore.Create(plan, volumes.Child(name.Text), ContentOf(name), wanted);
    }

    public VolumeState? PlanHealing(Plan plan, VolumeName name)
    {
        plan.Note($"complete or undo what a crash left of {name} in {volumes}/{name}");
        return Stats(name) is not { } dataset || ZfsSeeding.IsNew(dataset) ? null
            : dataset.Own(ZfsSeeding.Property) switch
            {
                null or "" => Find(name)?.State is VolumeState.Seeding ? VolumeState.Empty : Find(name)?.State,
                ZfsSeeding.Open => VolumeState.Empty,
                _ => VolumeState.Ready,
            };
    }

    public void PlanOpening(Plan plan, VolumeName name)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        if (Mountpoint.Refusal(dataset) is { } reason)
        {
            throw new KvolException(ExitStatus.Unavailable, dataset.Name, reason);
        }

        PlanMountAbove(plan);
        plan.Do("zfs", "mount", dataset.Name);
    }

    public void CheckFilling(VolumeName name, bool isMounted)
    {
        if (Stats(name) is { } dataset && mounts.HomeOf(dataset)?.Flags.HasFlag(MountFlags.ReadOnly) == true)
        {
            throw ReadOnly(name);
        }
    }

    public void PlanRemoval(Plan plan, VolumeName name, bool force)
    {
        var (dataset, snapshots) = RequireDestroyable(name, force);
        if (!dataset.IsPartial && dataset.Text(ResumeToken) is not null)
        {
            plan.Do("zfs", "receive", "-A", dataset.Name);
        }

        PlanDestruction(plan, dataset.Name,
            [.. snapshots.Select(NameOf).Where(s => !plan.Volumes.Gone.Contains(new SnapshotName(name, s)))]);
        plan.Do("zfs", "destroy", dataset.Name);
    }

    public string PlanSettingAside(Plan plan, VolumeName name) => SetAside(name);

    public void PlanRename(Plan plan, VolumeName name, VolumeName to)
    {
        var dataset = Existing(name);
        plan.Do("zfs", "rename", dataset.Name, volumes.Child(to.Text).Text);
        if (Mountpoint.Refusal(dataset) is null && mounts.HomeOf(dataset) is null)
        {
            plan.Do("zfs", "mount", volumes.Child(to.Text).Text);
        }
    }

    public void PlanClone(Plan plan, VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Action readsLive)
    {
        PlanMountAbove(plan);
        CheckWhole(snapshot);
        var source = snapshot is null ? Existing(name) : Require(snapshot);
        var origin = snapshot is null ? DatasetOf(Temporary(name, ForClone)) : source.Name;
        if (snapshot is null)
        {
            plan.Do("zfs", "snapshot", origin);
        }

        var seed = new SeedRecord(snapshot?.ToString() ?? name.Text, DateTimeOffset.UtcNow, 0, (long)(source.Number("referenced") ?? 0),
            LeftOut(name));
        IEnumerable<(string Name, string Value)> properties =
            [.. ZfsVolume.PropertiesOf(wanted), (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, ZfsSeeding.LongestValue))];
        plan.Do(["zfs", "clone", .. properties.SelectMany(p => (string[])["-o", $"{p.Name}={p.Value}"]), origin, $"{volumes}/{to}"]);
        if (snapshot is null)
        {
            plan.Do("zfs", "destroy", "-d", origin);
        }
    }

    public void PlanPromotion(Plan plan, VolumeName name) => plan.Do("zfs", "promote", $"{volumes}/{name}");

    public void PlanProperties(Plan plan, VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values)
    {
        var (dataset, chosen, removed) = RequireSettable(name, values);
        if (chosen.Count > 0)
        {
            plan.Do(["zfs", "set", .. chosen.Select(c => $"{c.Key}={TextOf(c.Key, c.Value)}"), dataset.Name]);
        }

        foreach (var property in removed)
        {
            plan.Do("zfs", "inherit", property, dataset.Name);
        }
    }

    public void PlanSnapshots(Plan plan, IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, Action readsLive,
        SnapshotPeriod? policy)
    {
        RefuseTemporary(snapshots);
        foreach (var snapshot in snapshots)
        {
            _ = Existing(snapshot.Volume);
        }

        var properties = PropertiesOf(group, policy);
        plan.Do(["zfs", "snapshot", .. properties.SelectMany(p => (string[])["-o", $"{p.Property}={p.Value}"]),
            .. snapshots.Select(DatasetOf)]);
    }

    public void PlanSnapshotRemoval(Plan plan, IReadOnlyList<SnapshotName> snapshots)
    {
        _ = RequireFree(snapshots);
        foreach (var ofOne in snapshots.GroupBy(s => s.Volume))
        {
            PlanDestruction(plan, $"{volumes}/{ofOne.Key}", [.. ofOne.Select(s => s.Name)]);
        }
    }

    public void PlanRollback(Plan plan, IReadOnlyList<RollbackStep> steps, DeletionRecord? keep)
    {
        foreach (var step in steps)
        {
            CheckWhole(step.To);
            RequireFree(step.Newer);
            RefuseBookmarks(step.To);
        }

        if (steps.Count > 1)
        {
            plan.Note("roll back all of these in one transaction group, or none (a channel program, zfs-program(8))");
        }

        foreach (var step in steps)
        {
            var dataset = $"{volumes}/{step.To.Volume}";
            PlanDestruction(plan, dataset, [.. zfs.Snapshots(dataset).Where(IsLeftover).Select(NameOf), .. step.Newer.Select(s => s.Name)]);
            plan.Do("zfs", "rollback", DatasetOf(step.To));
        }
    }

    public void PlanReturn(Plan plan, DeletedVolume deleted, DeletionRecord keep) => Return(deleted, keep, null!);

    public void PlanKeeping(Plan plan, VolumeName name, DeletionRecord deletion)
    {
        var dataset = Existing(name);
        _ = OtherTables(name.Text);
        if (zfs.Find(deleted) is null)
        {
            plan.Once("zfs", "create", "-o", "canmount=off", "-o", "mountpoint=none", deleted.Text);
        }

        PlanUnmount(plan, dataset);
        plan.Do(["zfs", "set", .. RecordOf(dataset, name, deletion).Select(p => $"{p.Name}={p.Value}"),
            .. Mountpoint.IsMountedAtBoot(dataset) ? (string[])["canmount=noauto"] : [], dataset.Name]);
        plan.Do("zfs", "rename", dataset.Name, deleted.Child(RandomHex.Of(12)).Text);
    }

    public void PlanUndeletion(Plan plan, DeletedVolume volume)
    {
        var to = $"{volumes}/{volume.Name}";
        var dataset = FindDeleted(volume);
        plan.Do("zfs", "rename", dataset.Name, to);
        if (dataset.Own(DeletedCanMount) is { } before)
        {
            plan.Do(before == "on" ? ["zfs", "set", "canmount=on", to] : ["zfs", "inherit", "-S", "canmount", to]);
        }

        foreach (var property in ((string[])[DeletedCanMount, DeletedSince, DeletedAt, DeletedUntil, DeletedName])
            .Where(p => dataset.Own(p) is not null))
        {
            plan.Do("zfs", "inherit", property, to);
        }

        var own = dataset.SourceOf("mountpoint") == dataset.Name ? dataset.Text("mountpoint") : null;
        if (own is not ("none" or "legacy") && dataset.Number("canmount") is not 0 && !Mountpoint.IsLocked(dataset))
        {
            plan.Do("zfs", "mount", to);
        }
    }

    public bool PlanPurge(Plan plan, DeletedVolume volume)
    {
        var dataset = FindDeleted(volume);
        if (IsMountedAnywhere(dataset.Name))
        {
            return false;
        }

        PlanDestruction(plan, dataset.Name, [.. RequirePurgeable(dataset, volume).Select(NameOf)]);
        plan.Do("zfs", "destroy", dataset.Name);
        return true;
    }

    private DatasetStats Existing(VolumeName name) => Stats(name) ?? throw Refusals.NoSuchVolume(name);

    // What is mounted nowhere cannot be looked into without a change.
    private void CheckWhole(SnapshotName? snapshot)
    {
        if (snapshot is not null && mounts.HomeOf(Existing(snapshot.Volume)) is not null)
        {
            RequireWhole(snapshot);
        }
    }

    private void PlanUnmount(Plan plan, DatasetStats dataset)
    {
        if (mounts.HomeOf(dataset) is not null)
        {
            plan.Do("zfs", "unmount", dataset.Name);
        }
    }

    private static void PlanDestruction(Plan plan, string dataset, IReadOnlyList<string> snapshots)
    {
        if (snapshots.Count > 0)
        {
            plan.Do("zfs", "destroy", $"{dataset}@{string.Join(',', snapshots)}");
        }
    }

    private void PlanMountAbove(Plan plan)
    {
        if (mounts.HomeOf(above) is { } home)
        {
            _ = mounts.CoveredError(home) is { } error ? throw error : 0;
        }
        else if (Mountpoint.Refusal(above) is null)
        {
            plan.Note($"mount the datasets above the volumes that are not mounted: zfs mount {above.Name}");
        }
    }

    private static string TextOf(string property, object value) => value is not ulong number ? (string)value
        : number == 0 && property is "refquota" or "reservation" ? "none"
        : property is "refquota" or "reservation" or "recordsize" ? number.ToString(CultureInfo.InvariantCulture)
        : PropertyEncoding.Text(property, number);
}
