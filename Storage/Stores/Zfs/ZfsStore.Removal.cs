using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

internal sealed partial class ZfsStore
{
    /// <summary>Nothing is destroyed, snapshots neither, while the dataset is still mounted anywhere: the kernel would refuse the dataset, but not them.</summary>
    private static void RefuseMounted(VolumeName name, DatasetStats dataset)
    {
        foreach (var (table, pid) in OtherTables(name.Text).Select(t => (t.Table, (int?)t.Pid)).Prepend((MountTable.Read(), null)))
        {
            if (table.Entries.FirstOrDefault(e => e.FileSystem == "zfs" && e.Dataset?.ToString() == dataset.Name) is { } row)
            {
                throw VolumeUse.Refusal(name.Text, "its dataset is mounted", [new VolumeUse(row, pid)]);
            }
        }
    }

    /// <summary>The mount tables of other namespaces; an error (75) when one cannot be seen.</summary>
    private static IReadOnlyList<NamespaceMounts> OtherTables(string subject)
    {
        try
        {
            return ProcessTable.OtherMountTables();
        }
        catch (NativeException e)
        {
            throw KvolMounts.CannotSee(subject, e);
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
