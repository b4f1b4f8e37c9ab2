using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>How a dataset is filled, and how what a crash left of that is healed.</summary>
internal sealed partial class ZfsStore
{
    public SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context)
    {
        Make(name, wanted with { IsSeededNow = true, IsMountedNow = true }, (ZfsSeeding.NewProperty, "1"));
        var dataset = volumes.Child(name.Text).Text;
        SeedRecord seed;
        try
        {
            seed = Fill(name, fill, isMounted: false, context);
        }
        catch
        {
            if (zfs.Find(dataset) is { } left)
            {
                DestroyNew(left, context.Warn);
            }

            throw;
        }

        ZfsErrors.Changing(dataset, () => zfs.Device.Inherit(dataset, ZfsSeeding.NewProperty));
        return seed;
    }

    public IReadOnlyList<VolumeName> Unfinished()
    {
        var found = new List<VolumeName>();
        foreach (var dataset in Children(e => warn(e.Message)))
        {
            var name = dataset.Name[(volumes.Text.Length + 1)..];
            if (!VolumeName.IsValid(name))
            {
                continue;
            }

            var hasLeftovers = zfs.Snapshots(dataset.Name).Any(IsLeftover);
            if (hasLeftovers)
            {
                withLeftovers.Add(dataset.Name);
            }

            var isMoveInterrupted = dataset.Own(DeletedName) is not null || IsAdopting(dataset);
            var isInterrupted = ZfsSeeding.IsUnfinished(dataset) || ShowsSeeding(dataset);
            if (isInterrupted && Mountpoint.Refusal(dataset) is { } reason)
            {
                warn($"{name}: cannot complete or undo an interrupted command now: {reason}");
                isInterrupted = false;
            }

            if (hasLeftovers || isInterrupted || isMoveInterrupted)
            {
                found.Add(VolumeName.Parse(name));
            }
        }

        return found;
    }

    public SeedRecord Fill(VolumeName name, FillDirectory fill, bool isMounted, Context context)
    {
        using var data = OpenTop(name);
        var dataset = Stats(name)!;
        if (mounts.HomeOf(dataset)?.Flags.HasFlag(MountFlags.ReadOnly) == true)
        {
            throw ReadOnly(name);
        }

        return ZfsSeeding.Run(zfs, dataset, data, fill, context, this);
    }

    private KvolException ReadOnly(VolumeName name) => new(ExitStatus.CannotCreate, name.Text,
        $"is read-only, so nothing can be put into it: 'zfs set readonly=off {volumes}/{name}', or mount it with nocopy");

    /// <summary>Heals what a crash left of a volume, or a snapshot brought back. The caller holds its lock.</summary>
    private void Heal(DatasetStats dataset, Action<string> warn)
    {
        if (withLeftovers.Remove(dataset.Name))
        {
            ClearLeftovers(dataset.Name);
        }

        if (IsAdopting(dataset))
        {
            EndAdoption(dataset);
            dataset = zfs.Find(dataset.Name)!;
        }

        if (dataset.Own(DeletedName) is not null)
        {
            EndDeletion(dataset.Name);
            dataset = zfs.Find(dataset.Name)!;
            mounts.MountIfMeant(dataset);
        }

        var isUnfinished = ZfsSeeding.IsUnfinished(dataset);
        if (Mountpoint.Refusal(dataset) is not null || (!isUnfinished && !ShowsSeeding(dataset)))
        {
            return;
        }

        try
        {
            using var data = mounts.Open(dataset);
            ZfsSeeding.Finish(zfs, dataset, data, this, warn);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly && dataset.Number("readonly") == 1)
        {
            throw new KvolException(ExitStatus.CannotCreate, dataset.Name,
                "its seeding was interrupted, and cannot be completed or undone while it is read-only: "
                + $"zfs set readonly=off {dataset.Name}, or remove the volume: kvol rm {DatasetName.Last(dataset.Name)}");
        }

        if (isUnfinished && zfs.Find(dataset.Name) is { } healed && ZfsSeeding.IsNew(healed))
        {
            DestroyNew(healed, warn);
        }
    }

    /// <summary>Whether an unfinished seeding is visible in the dataset; false if it is not mounted.</summary>
    private bool ShowsSeeding(DatasetStats dataset)
    {
        using var data = DatasetMounts.OpenHome(mounts.HomeOf(dataset));
        return data.IsOpen && new SeedingTraces(zfs, dataset).Find(data) is not null;
    }

    /// <summary>Destroys a volume that never received its content, unless others have written to it.</summary>
    private void DestroyNew(DatasetStats dataset, Action<string> warn)
    {
        if (Mountpoint.Refusal(dataset) is null)
        {
            using var data = mounts.Open(dataset);
            if (Emptiness.FirstForeign(data, () => OpenRecords(create: false)) is { } written)
            {
                warn($"{dataset.Name}: the command that made it was interrupted; it stays, because another program wrote '{written}'");
                ZfsErrors.Changing(dataset.Name, () => zfs.Device.Inherit(dataset.Name, ZfsSeeding.NewProperty));
                return;
            }
        }

        if (zfs.Snapshots(dataset.Name) is { Count: > 0 } snapshots)
        {
            Destroy(snapshots.Select(s => s.Name), dataset.Name);
        }

        Destroy(dataset);
    }
}
