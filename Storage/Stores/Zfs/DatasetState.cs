using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The state of a volume, from the top directory of its dataset. Makes as few calls as possible, because a list of volumes asks
/// for each volume.</summary>
/// <param name="Zfs">Finds where a clone came from.</param>
/// <param name="Store">Has the records of the mount points that kvol made, which do not count as content.</param>
/// <param name="Objects">These mount points, if the caller has already read them.</param>
internal sealed record DatasetState(ZfsSystem Zfs, IVolumeStore Store, Lazy<HashSet<MadeObject>>? Objects = null)
{
    // The size of a directory is the number of its entries, including . and ..: zfs_link_create() of module/os/*/zfs/zfs_dir.c. The .zfs
    // that snapdir=visible shows does not count.
    private const long SizeOfEmpty = 2;

    /// <summary>The state of a dataset that is mounted at <paramref name="home"/>; one that is mounted nowhere is never reported as
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
            return VolumeState.Ready; // it cannot be seen; those two would mean a bug in kvol
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
