using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Mounts datasets at their mountpoints, and finds where they are mounted. libzfs_core does not mount.</summary>
internal sealed partial class DatasetMounts(ZfsSystem zfs, DatasetName store, Configuration configuration, Upkeep upkeep)
{
    private readonly Lazy<string> altroot = new(() =>
        ZfsErrors.Reading(store.Pool, () => zfs.Device.PoolProperties(store.Pool).Text("altroot", "value") ?? ""));

    private MountTable? table;

    /// <summary>The mount table as last read.</summary>
    public MountTable Table => table ??= MountTable.Read();

    /// <summary>The pool's altroot, which contains all its mountpoints, zpoolprops(7); empty if that is the root directory.</summary>
    public string Altroot => altroot.Value;

    /// <summary>The mountpoint of a dataset; null if it has none.</summary>
    public string? MountpointOf(DatasetStats dataset) => Mountpoint.Of(dataset, altroot.Value);

    /// <summary>The row of the mount that shows the whole dataset at its mountpoint now, or null. Reads the table again only if the cached
    /// one is out of date.</summary>
    public MountEntry? HomeOf(DatasetStats dataset)
    {
        if (table is not null && HomeOf(dataset, table) is { } home && IsAt(home.Target, home.Id))
        {
            return home;
        }

        return HomeOf(dataset, table = MountTable.Read());
    }

    /// <summary>The same, from a given table.</summary>
    public MountEntry? HomeOf(DatasetStats dataset, MountTable table) =>
        MountpointOf(dataset) is not { } path ? null
            : HomeAt(dataset.Name, path, table.Entries.Where(e => e.Dataset?.ToString() == dataset.Name && e.IsWholeDataset));

    /// <summary>The row of a dataset that is mounted at a path, symbolic links in it followed; null if none is.</summary>
    public static MountEntry? HomeAt(string dataset, string path, IEnumerable<MountEntry> rows)
    {
        var all = rows.ToArray();
        var text = new ByteString(path);
        if (all.Length == 0 || all.LastOrDefault(e => e.Target.Equals(text)) is { } exact && (all = [exact]).Length == 1)
        {
            return all.FirstOrDefault();
        }

        try
        {
            using var there = Files.OpenReference(text);
            var id = Files.Status(there).MountId;
            return all.FirstOrDefault(e => e.Id == id && e.Dataset?.ToString() == dataset);
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }
    }

    /// <summary>The directory of a dataset's own mount as it is visible now; closed if there is no such mount, or another file system
    /// covers it.</summary>
    public static Fd OpenHome(MountEntry? home)
    {
        if (home is null)
        {
            return Fd.None;
        }

        Fd directory;
        try
        {
            directory = Files.OpenDirectory(home.Target);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return Fd.None;
        }

        if (Files.Status(directory).MountId == home.Id)
        {
            return directory;
        }

        directory.Dispose();
        return Fd.None;
    }

    /// <summary>The top directory of a dataset, which is mounted first if necessary; otherwise an error that gives the reason and the
    /// remedy.</summary>
    public Fd Open(DatasetStats dataset)
    {
        var id = HomeOf(dataset)?.Id ?? Mount(dataset, mayBeMounted: true);
        return OpenAt(dataset, id);
    }

    /// <summary>The same for a dataset that was just created and is mounted nowhere.</summary>
    public Fd OpenNew(DatasetStats dataset) => OpenAt(dataset, Mount(dataset, mayBeMounted: false));

    private Fd OpenAt(DatasetStats dataset, ulong? id)
    {
        var path = MountpointOf(dataset)!;
        Fd directory;
        try
        {
            directory = Files.OpenDirectory(new ByteString(path));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw Covered(dataset.Name, new ByteString(path));
        }

        var seen = Files.Status(directory).MountId;
        if (seen == id || (table = MountTable.Read()).Find(seen)?.Dataset?.ToString() == dataset.Name)
        {
            return directory;
        }

        directory.Dispose();
        throw Covered(dataset.Name, new ByteString(path));
    }

    /// <summary>Mounts a dataset if its properties allow it and it is not mounted; otherwise does nothing.</summary>
    public void MountIfMeant(DatasetStats dataset)
    {
        if (Mountpoint.Refusal(dataset) is null && HomeOf(dataset) is null)
        {
            _ = Mount(dataset, mayBeMounted: true);
        }
    }

    /// <summary>Unmounts a dataset from its mountpoint; succeeds if it is not mounted there.</summary>
    public void Unmount(DatasetStats dataset)
    {
        while (HomeOf(dataset) is { } home)
        {
            Unmounting.One(home, Unmounting.Anywhere, force: false, plan: null);
            table = null;
        }
    }

    /// <summary>Removes the directory that was a dataset's mountpoint, as zfs(8) does.</summary>
    public void RemoveMountpoint(DatasetStats dataset)
    {
        try
        {
            if (MountpointOf(dataset) is { } path)
            {
                Files.RemoveDirectory(Files.Here, new ByteString(path));
            }
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            // it holds something, or is gone: nothing depends on it
        }
    }

    /// <summary>Mounts a dataset. Returns the mount's id, or null if another process was first.</summary>
    private ulong? Mount(DatasetStats dataset, bool mayBeMounted)
    {
        if (Mountpoint.Refusal(dataset) is { } reason)
        {
            throw new KvolException(ExitStatus.Unavailable, dataset.Name, reason);
        }

        var path = MountpointOf(dataset)!;
        if (KernelMounts.DatasetsMountOnce && mayBeMounted && MountTable.Read().Entries.FirstOrDefault(e =>
            e.FileSystem == "zfs" && e.Dataset?.ToString() == dataset.Name) is { } elsewhere)
        {
            throw new KvolException(ExitStatus.Busy, dataset.Name,
                $"is mounted on {elsewhere.Target} instead of its mountpoint {path}: umount {Shown.Quoted(elsewhere.Target.Text)}");
        }

        // Two processes that find the dataset unmounted must not both mount it, one mount on top of the other.
        using var locks = mayBeMounted ? RunDirectory.OpenLocks(configuration, upkeep) : Fd.None;
        using var gate = mayBeMounted ? Files.OpenOrCreate(locks, new ByteString("zfs-mounts"), Permissions.OwnerReadsAndWrites) : Fd.None;
        if (mayBeMounted)
        {
            _ = Files.Lock(gate, wait: true);
            if (HomeOf(dataset, table = MountTable.Read()) is { } home)
            {
                return home.Id;
            }
        }

        using var target = OpenMountpoint(path);
        try
        {
            if (FirstHidden(target) is { } hidden)
            {
                if (dataset.Number("overlay") == 0)
                {
                    throw new KvolException(ExitStatus.CannotCreate, path,
                        $"holds '{hidden}' although {dataset.Name} is not mounted, and overlay=off; move it away");
                }

                upkeep.Warn($"{path}: holds '{hidden}', which is hidden while {dataset.Name} is mounted there");
            }

            table = null;
            return KernelMounts.MountDataset(new ByteString(dataset.Name), target, KernelMounts.DatasetsKnowTheirOptions ? MountFlags.None
                : Mountpoint.Options(dataset));
        }
        catch (NativeException e)
        {
            return HomeOf(dataset)?.Id ?? throw ZfsErrors.Mounting(dataset.Name, e); // else 'zfs mount -a' was first
        }
    }
}
