using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Lets only root reach a volume through the store. Volumes are mounted below the mountpoint of <paramref name="volumes"/>. That
/// directory is closed to others, whether the dataset is mounted there or (canmount=off) not. A volume with a mountpoint of its own needs a
/// closed directory above it.</summary>
internal sealed class StoreAccess(DatasetMounts mounts, DatasetStats volumes, Upkeep upkeep)
{
    /// <summary>Closes a store that kvol made; doctor reports an open one made by others.</summary>
    public void Close()
    {
        if (volumes.Own(StoreDataset.MadeByKvol) is null)
        {
            return;
        }

        using var directory = OpenPlace(out var path);
        if (directory.IsOpen)
        {
            VolumeTop.CloseToOthers(directory, path, upkeep);
        }
    }

    /// <summary>Makes the directory in which volumes are mounted, if the dataset of all volumes is not itself to be mounted.</summary>
    public void MakePlace()
    {
        if (volumes.Own(StoreDataset.MadeByKvol) is not null && Mountpoint.Refusal(volumes) is not null
            && mounts.MountpointOf(volumes) is { } path)
        {
            using var directory = HostDirectory.OpenOrMake(path);
            VolumeTop.CloseToOthers(directory, path, upkeep.Silently);
        }
    }

    /// <summary>What lets others in, all on one line; null if nothing does.</summary>
    public string? Exposure(IEnumerable<DatasetStats> datasets)
    {
        var found = new List<string>();
        using (var directory = OpenPlace(out var path))
        {
            if (directory.IsOpen && VolumeTop.Exposure(new ByteString(path)) is { } mode)
            {
                found.Add($"{path} has mode {mode} or another owner than root, so others reach what jails write: chown 0:0 {path}; "
                    + $"chmod 0700 {path}");
            }
        }

        var above = mounts.MountpointOf(volumes);
        foreach (var dataset in datasets.Where(d => d.Type == DatasetType.FileSystem))
        {
            if (mounts.MountpointOf(dataset) is { } own && (above is null || !own.StartsWith(above + "/", StringComparison.Ordinal))
                && !IsClosed(own))
            {
                found.Add($"{dataset.Name} has a mountpoint of its own, {own}, and no directory above that is root's alone, so others "
                    + "reach what jails write: "
                    + $"zfs inherit mountpoint {dataset.Name}, or chmod 0700 a directory above it");
            }
        }

        return found.Count == 0 ? null : string.Join("; ", found);
    }

    /// <summary>An error (64) if a value of the mountpoint property would let users other than root reach the volume.</summary>
    public void RefuseOpen(string mountpoint)
    {
        if (volumes.Own(StoreDataset.MadeByKvol) is not null && mountpoint.StartsWith('/')
            && !IsClosed(mounts.Altroot.TrimEnd('/') + mountpoint))
        {
            throw new KvolException(
                ExitStatus.Usage, $"-o mountpoint={new ByteString(mountpoint)}",
                    "every user of this host could reach the volume there; name a place in a directory that is root's alone (chmod "
                    + "0700), or leave it out");
        }
    }

    /// <summary>Whether a directory above a path is closed to all but root.</summary>
    private static bool IsClosed(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            try
            {
                using var directory = Files.OpenReference(new ByteString(path[..slash]));
                if (Files.Status(directory) is { IsDirectory: true, Uid: 0 } status && (status.Mode & Permissions.GroupAndOthers) == 0)
                {
                    return true;
                }
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                // It will be created, and will be open.
            }
        }

        return false;
    }

    private Fd OpenPlace(out string path)
    {
        path = "";
        if (mounts.HomeOf(volumes) is { } home)
        {
            path = home.Target.ToString();
            return DatasetMounts.OpenHome(home);
        }

        if (Mountpoint.Refusal(volumes) is null || mounts.MountpointOf(volumes) is not { } place)
        {
            return Fd.None;
        }

        try
        {
            path = place;
            return Files.OpenDirectory(new ByteString(place));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return Fd.None;
        }
    }
}
