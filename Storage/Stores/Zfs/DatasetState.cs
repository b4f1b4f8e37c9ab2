using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>What the top directory of a dataset says of its volume, found out with as few calls as can be: a list of volumes asks once for
/// each.</summary>
/// <param name="Zfs">Tells where a clone came from.</param>
/// <param name="Store">Has the records of the mount points that kvol made, which are no content.</param>
/// <param name="Objects">Those, if somebody has read them before.</param>
internal sealed record DatasetState(ZfsSystem Zfs, IVolumeStore Store, Lazy<HashSet<MadeObject>>? Objects = null)
{
    // A directory's size is the number of its entries, . and .. among them: zfs_link_create() of module/os/*/zfs/zfs_dir.c. What
    // snapdir=visible shows is none.
    private const long SizeOfEmpty = 2;

    /// <summary>The state of a dataset that is mounted at <paramref name="home"/>, or nowhere: then nothing says that it is
    /// empty.</summary>
    public VolumeState Of(DatasetStats dataset, MountEntry? home)
    {
        if (dataset.IsPartial || ZfsSeeding.IsUnfinished(dataset))
        {
            return dataset.IsPartial ? VolumeState.Receiving : VolumeState.Seeding;
        }

        try
        {
            return home is null || Files.Status(Files.Here, home.Target) is var top && top.MountId != home.Id ? VolumeState.Ready
                : top.Size == SizeOfEmpty ? VolumeState.Empty
                : OfEntries(dataset, home, mayHaveDirectories: top.Links != 2);
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return VolumeState.Ready; // it cannot be seen; those two would say that kvol asks wrongly
        }
    }

    private VolumeState OfEntries(DatasetStats dataset, MountEntry home, bool mayHaveDirectories)
    {
        if (!mayHaveDirectories && Objects is { Value.Count: 0 })
        {
            return VolumeState.Ready;
        }

        using var data = Files.OpenDirectory(home.Target);
        return mayHaveDirectories && new SeedingTraces(Zfs, dataset).Find(data) is not null ? VolumeState.Seeding
            : Emptiness.FirstForeign(data, () => Store.OpenRecords(create: false), Objects) is not null ? VolumeState.Ready
            : VolumeState.Empty;
    }
}
