using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Finds, checks and makes the dataset of a <see cref="ZfsStore"/>: any dataset with a child <c>volumes</c> is a store, whoever
/// made it.</summary>
internal static class StoreDataset
{
    /// <summary>kvol sets this on <c>volumes</c>, to tell its own stores from those made by others.</summary>
    public const string MadeByKvol = "kvol:version";

    /// <summary>Opens the store; null if there is none yet and <paramref name="create"/> is false. Never makes a store where the
    /// configuration expects an existing one, nor in a dataset that contains anything else.</summary>
    public static ZfsStore? Open(Configuration configuration, bool create, Upkeep upkeep)
    {
        var root = DatasetName.Parse(configuration.Root);
        _ = root.Child("volumes").Child(new string('0', VolumeName.RandomLength)); // fail early if names would be too long
        var zfs = ZfsSystem.Open();
        try
        {
            var mounts = new DatasetMounts(zfs, root, configuration, upkeep);
            if (zfs.Find(root.Child("volumes")) is not { } above)
            {
                if (!create)
                {
                    RefuseMissing(configuration, zfs, root);
                    zfs.Dispose();
                    return null;
                }

                if (upkeep.Plan is { } plan)
                {
                    Announce(configuration, zfs, mounts, root, plan);
                    zfs.Dispose();
                    return null;
                }

                above = Make(configuration, zfs, mounts, root);
            }

            var store = new ZfsStore(root, above, zfs, mounts, configuration, upkeep);
            if (configuration.StoreId is { } wanted && wanted != store.Id)
            {
                throw new KvolException(ExitStatus.Configuration, root.Text,
                    $"is store {store.Id}, but the configuration names store {wanted}; was another pool imported?");
            }

            store.CheckAccess();
            return store;
        }
        catch
        {
            zfs.Dispose();
            throw;
        }
    }

    private static void RefuseMissing(Configuration configuration, ZfsSystem zfs, DatasetName root)
    {
        if (configuration.StoreId is { } id)
        {
            throw new KvolException(ExitStatus.Configuration, root.Text,
                $"store {id} is not there; is its pool imported ('zpool import {root.Pool}')?");
        }

        if (zfs.Find(root.Pool) is null)
        {
            throw new KvolException(ExitStatus.Configuration, root.Text,
                $"pool {root.Pool} is not there; is it imported ('zpool import {root.Pool}')?");
        }

        if (root.Parent is { } parent && zfs.Find(parent) is null)
        {
            throw new KvolException(ExitStatus.Configuration, root.Text, $"its parent dataset {parent} does not exist");
        }
    }

    /// <summary>Makes both datasets; returns that of the volumes. An error (78) if the configuration expects a store that does not
    /// exist.</summary>
    private static DatasetStats Make(Configuration configuration, ZfsSystem zfs, DatasetMounts mounts, DatasetName root)
    {
        if (FindFree(configuration, zfs, mounts, root) is null)
        {
            Create(zfs, root, list =>
            {
                if (mounts.MountpointOf(zfs.Find(root.Parent!)!) is null)
                {
                    list.Add("mountpoint", $"/{root}"); // where nothing above has a place, volumes still need one
                }
            });
        }

        Create(zfs, root.Child("volumes"), list => list.Add(MadeByKvol, "1"));
        mounts.MountIfMeant(zfs.Find(root)!);
        var volumes = zfs.Find(root.Child("volumes"))!;
        if (Mountpoint.Refusal(volumes) is null)
        {
            using var directory = mounts.Open(volumes);
            VolumeTop.CloseToOthers(directory, volumes.Name, Upkeep.Quiet);
        }

        return volumes;
    }

    private static void Announce(Configuration configuration, ZfsSystem zfs, DatasetMounts mounts, DatasetName root, Plan plan)
    {
        var existing = FindFree(configuration, zfs, mounts, root);
        if (existing is null)
        {
            string[] own = mounts.MountpointOf(zfs.Find(root.Parent!)!) is null ? ["-o", $"mountpoint=/{root}"] : [];
            plan.Do(["zfs", "create", .. own, root.Text]);
        }

        plan.Do("zfs", "create", "-o", $"{MadeByKvol}=1", root.Child("volumes").Text);
        if (PlaceOfNew(zfs, mounts, root) is { } place)
        {
            plan.Do("chmod", "0700", place);
        }
    }

    /// <summary>Where the volumes of a store that does not exist yet will be mounted; null if nowhere.</summary>
    public static string? PlaceOfNew(Configuration configuration, Upkeep upkeep)
    {
        var root = DatasetName.Parse(configuration.Root);
        using var zfs = ZfsSystem.Open();
        return PlaceOfNew(zfs, new DatasetMounts(zfs, root, configuration, upkeep), root);
    }

    private static string? PlaceOfNew(ZfsSystem zfs, DatasetMounts mounts, DatasetName root) =>
        zfs.Find(root) is { } existing ? mounts.MountpointOf(existing) is { } place ? $"{place.TrimEnd('/')}/volumes" : null
        : mounts.MountpointOf(zfs.Find(root.Parent!)!) is { } above ? $"{above.TrimEnd('/')}/{DatasetName.Last(root.Text)}/volumes"
        : $"{mounts.Altroot.TrimEnd('/')}/{root}/volumes";

    /// <summary>The dataset in which a store can be made; null if it does not exist yet.</summary>
    private static DatasetStats? FindFree(Configuration configuration, ZfsSystem zfs, DatasetMounts mounts, DatasetName root)
    {
        RefuseMissing(configuration, zfs, root);
        var existing = zfs.Find(root);
        if (existing is not null
            && (existing.Type != DatasetType.FileSystem || zfs.Device.Children(root.Text).Any() || !IsEmpty(existing, mounts)))
        {
            throw new KvolException(ExitStatus.Configuration, root.Text,
                "is not a store (it has no dataset 'volumes') and is not empty; name an empty dataset, or one that does not exist yet");
        }

        return existing;
    }

    private static void Create(ZfsSystem zfs, DatasetName name, Action<NvList> properties)
    {
        using var list = ZfsSystem.NewList();
        properties(list);
        try
        {
            zfs.Core.Create(name.Text, list);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            // another process was first
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Creating(name.Text, e);
        }
    }

    private static bool IsEmpty(DatasetStats dataset, DatasetMounts mounts)
    {
        using var directory = DatasetMounts.OpenHome(mounts.HomeOf(dataset));
        if (!directory.IsOpen)
        {
            throw new KvolException(ExitStatus.Configuration, dataset.Name,
                $"is not mounted, so kvol cannot see whether it is empty: zfs mount {dataset.Name}");
        }

        return Emptiness.FirstForeign(directory, null) is null;
    }
}
