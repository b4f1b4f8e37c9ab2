using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Mounts datasets where their properties say, and finds where they are. libzfs_core does not mount.</summary>
internal sealed class DatasetMounts(ZfsSystem zfs, DatasetName store, Configuration configuration, Action<string> warn)
{
    private readonly Lazy<string> altroot = new(() => ZfsErrors.Reading(store.Pool, () => zfs.Device.PoolProperties(store.Pool).Text("altroot", "value") ?? ""));

    private MountTable? table;

    /// <summary>The mount table, as it was when a question needed it last.</summary>
    public MountTable Table => table ??= MountTable.Read();

    /// <summary>The directory that all mountpoints of the pool lie in, zpoolprops(7); empty when that is the root directory.</summary>
    public string Altroot => altroot.Value;

    /// <summary>Where a dataset is to be mounted; null when it has no place.</summary>
    public string? MountpointOf(DatasetStats dataset) => Mountpoint.Of(dataset, altroot.Value);

    /// <summary>The row of the mount that shows the whole dataset at its mountpoint at this moment, or null. The table is read again only where the one that was
    /// read is not right any more.</summary>
    public MountEntry? HomeOf(DatasetStats dataset)
    {
        if (table is not null && HomeOf(dataset, table) is { } home && IsAt(home.Target, home.Id))
        {
            return home;
        }

        return HomeOf(dataset, table = MountTable.Read());
    }

    /// <summary>The same in a table.</summary>
    public MountEntry? HomeOf(DatasetStats dataset, MountTable table) =>
        MountpointOf(dataset) is not { } path ? null : HomeAt(dataset.Name, path, table.Entries.Where(e => e.Dataset?.ToString() == dataset.Name && e.IsWholeDataset));

    /// <summary>The one of a dataset's rows that lies at a path, links in it followed; null when none does.</summary>
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
        catch (NativeException)
        {
            return null;
        }
    }

    /// <summary>The directory of a home as it is seen now; none when there is no home, or another file system covers it.</summary>
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

    /// <summary>An error (75) where another mount covers the place of a home, so that nothing can be reached through it.</summary>
    public void RequireVisible(MountEntry home)
    {
        if (!IsAt(home.Target, home.Id))
        {
            throw Covered(home.Dataset?.ToString() ?? "", home.Target);
        }
    }

    private KvolException Covered(string dataset, ByteString place)
    {
        table = MountTable.Read();
        var cover = table.Entries.LastOrDefault(e => place.IsAtOrBelow(e.Target) && e.Dataset?.ToString() != dataset);
        return new KvolException(ExitStatus.Busy, dataset, $"is mounted on {place}, but another mount covers that place{(cover is null ? "" : $": umount {cover.Target}")}");
    }

    /// <summary>The top directory of a dataset, mounted now if it was not; an error that says why it cannot be and what to do.</summary>
    public Fd Open(DatasetStats dataset)
    {
        var id = HomeOf(dataset)?.Id ?? Mount(dataset, mayBeMounted: true);
        return OpenAt(dataset, id);
    }

    /// <summary>The same of a dataset that was made just now, so that it is mounted nowhere.</summary>
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

    /// <summary>Mounts the datasets of the pool that belong above the place of another one and are not mounted, the outermost first, as 'zfs mount -a' does: one
    /// that is mounted later hides what lies below it. An error (75) where the key of one is not loaded yet. What lies in <paramref name="volumes"/> is not
    /// looked at.</summary>
    public void MountOuter(DatasetStats dataset, DatasetName volumes)
    {
        if (MountpointOf(dataset) is not { } place || zfs.Find(store.Pool) is not { } pool)
        {
            return;
        }

        var outer = new List<(string Path, DatasetStats Dataset)>();
        Find(pool);
        foreach (var (path, above) in outer.OrderBy(o => o.Path.Length))
        {
            if (HomeOf(above) is not null)
            {
                continue;
            }

            if (Mountpoint.IsLocked(above))
            {
                throw new KvolException(ExitStatus.Busy, dataset.Name, $"{above.Name} belongs on {path}, above it, and its encryption key is not loaded, so that it would be hidden later: zfs load-key {above.Name}");
            }

            if (Mountpoint.Refusal(above) is null)
            {
                _ = Mount(above, mayBeMounted: true);
            }
        }

        void Find(DatasetStats above)
        {
            if (above.Name != dataset.Name && Mountpoint.IsMountedAtBoot(above) && MountpointOf(above) is { } path && place.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal))
            {
                outer.Add((path, above));
            }

            foreach (var child in above.Name == volumes.Text ? [] : ZfsErrors.Reading(above.Name, () => zfs.Device.Children(above.Name, (_, _) => { }).ToArray()))
            {
                Find(child);
            }
        }
    }

    /// <summary>Mounts a dataset if it is meant to be mounted and is not; what is not meant to be is left alone.</summary>
    public void MountIfMeant(DatasetStats dataset)
    {
        if (Mountpoint.Refusal(dataset) is null && HomeOf(dataset) is null)
        {
            _ = Mount(dataset, mayBeMounted: true);
        }
    }

    /// <summary>Unmounts a dataset from its mountpoint; with nothing mounted there it succeeds.</summary>
    public void Unmount(DatasetStats dataset)
    {
        while (HomeOf(dataset) is { } home)
        {
            Unmounting.One(home, force: false);
            table = null;
        }
    }

    /// <summary>Removes the directory that a dataset was mounted on, as zfs(8) does.</summary>
    public void RemoveMountpoint(DatasetStats dataset)
    {
        try
        {
            if (MountpointOf(dataset) is { } path)
            {
                Files.RemoveDirectory(Files.Here, new ByteString(path));
            }
        }
        catch (NativeException)
        {
            // it holds something, or is gone: nothing depends on it
        }
    }

    /// <summary>Mounts it; the mount's id, or null where somebody else was first.</summary>
    private ulong? Mount(DatasetStats dataset, bool mayBeMounted)
    {
        if (Mountpoint.Refusal(dataset) is { } reason)
        {
            throw new KvolException(ExitStatus.Unavailable, dataset.Name, reason);
        }

        var path = MountpointOf(dataset)!;
        if (KernelMounts.DatasetsMountOnce && mayBeMounted && MountTable.Read().Entries.FirstOrDefault(e => e.FileSystem == "zfs" && e.Dataset?.ToString() == dataset.Name) is { } elsewhere)
        {
            throw new KvolException(ExitStatus.Busy, dataset.Name, $"is mounted on {elsewhere.Target} instead of its mountpoint {path}; umount it there");
        }

        // Two processes that find it unmounted must not mount it twice, one on top of the other.
        using var locks = mayBeMounted ? RunDirectory.OpenLocks(configuration, warn) : Fd.None;
        using var gate = mayBeMounted ? Files.OpenOrCreate(locks, new ByteString("zfs-mounts"), 0x180) : Fd.None;
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
                    throw new KvolException(ExitStatus.CannotCreate, path, $"holds '{hidden}' although {dataset.Name} is not mounted, and overlay=off; move it away");
                }

                warn($"{path}: holds '{hidden}', which is hidden while {dataset.Name} is mounted there");
            }

            table = null;
            return KernelMounts.MountDataset(new ByteString(dataset.Name), target, KernelMounts.DatasetsKnowTheirOptions ? MountFlags.None : Mountpoint.Options(dataset));
        }
        catch (NativeException e)
        {
            return HomeOf(dataset)?.Id ?? throw ZfsErrors.Mounting(dataset.Name, e); // else 'zfs mount -a' was first
        }
    }

    private static Fd OpenMountpoint(string path)
    {
        try
        {
            return OpenOrMakeLast(path) ?? HostDirectory.OpenOrMake(path);
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, path, $"cannot be made or opened as a mountpoint: {e.Reason}");
        }
    }

    /// <summary>What most often is all that is to be made: a directory in one that is there.</summary>
    private static Fd? OpenOrMakeLast(string path)
    {
        try
        {
            Files.MakeDirectory(Files.Here, new ByteString(path), 0x1ed);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
        }
        catch (NativeException)
        {
            return null;
        }

        return Files.OpenDirectory(new ByteString(path));
    }

    private static bool IsAt(ByteString path, ulong id)
    {
        try
        {
            return Files.Status(Files.Here, path).MountId == id;
        }
        catch (NativeException)
        {
            return false;
        }
    }

    private static string? FirstHidden(Fd directory)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        return reader.MoveNext() ? reader.Name.ToString() : null;
    }
}
