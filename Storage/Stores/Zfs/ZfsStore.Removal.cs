using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

internal sealed partial class ZfsStore
{
    public void RequireRemovable(VolumeName name, bool force, bool isKept) =>
        RequireRemovable(Stats(name) ?? throw Refusals.NoSuchVolume(name), name, force, isKept);

    /// <summary>The same; returns its snapshots.</summary>
    private IReadOnlyList<DatasetStats> RequireRemovable(DatasetStats dataset, VolumeName name, bool force, bool isKept)
    {
        RefuseInner(name.Text, dataset);
        var snapshots = zfs.Snapshots(dataset.Name);
        if (snapshots.FirstOrDefault(s => s.Clones > 0 && s.CloneNames.Any(c =>
            c != PartOf(dataset) && !(isKept && IsDeleted(c)) && !IsDestroyed(c))) is { } origin)
        {
            RefuseOrigin(name.Text, origin);
        }

        if (snapshots.LastOrDefault(s => !IsLeftover(s)) is { } last && !force)
        {
            throw Refusals.HasSnapshots(name, snapshots.Count, last.Name);
        }

        RefuseHeld(name.Text, snapshots);
        return snapshots;
    }

    private void RefuseInner(string subject, DatasetStats dataset)
    {
        if (ZfsErrors.Reading(dataset.Name, () => zfs.Device.Children(dataset.Name).FirstOrDefault()) is { } child)
        {
            throw new KvolException(ExitStatus.Busy, subject,
                $"has a dataset inside, {child.Name}, which kvol did not make; destroy or move that first");
        }
    }

    /// <summary>Throws an error (75) if one of the datasets is mounted anywhere. Before a removal: the kernel would refuse to destroy the
    /// dataset, but not its snapshots.</summary>
    private static void RefuseMounted(params IReadOnlyList<DatasetStats> datasets)
    {
        var names = datasets.Select(d => d.Name).ToHashSet();
        var tables = OtherTables(DatasetName.Last(datasets[0].Name));
        foreach (var (table, pid) in tables.Select(t => (t.Table, (int?)t.Pid)).Prepend((MountTable.Read(), null)))
        {
            if (table.Entries.FirstOrDefault(e => e.FileSystem == "zfs" && e.Dataset is not null && names.Contains(e.Dataset.ToString()))
                is { } row)
            {
                throw Refusals.InUse(DatasetName.Last(row.Dataset!.ToString()), "its dataset is mounted", [new VolumeUse(row, pid)]);
            }
        }
    }

    /// <summary>The mount tables of other namespaces; an error (75) if one cannot be read.</summary>
    private static IReadOnlyList<NamespaceMounts> OtherTables(string subject)
    {
        try
        {
            return ProcessTable.OtherMountTables();
        }
        catch (NativeException e)
        {
            throw Refusals.CannotSee(subject, e);
        }
    }

    private void Destroy(DatasetStats dataset)
    {
        mounts.Unmount(dataset);
        try
        {
            zfs.Core.Destroy(dataset.Name);
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Destroying(dataset.Name, e);
        }

        mounts.RemoveMountpoint(dataset);
    }
}
