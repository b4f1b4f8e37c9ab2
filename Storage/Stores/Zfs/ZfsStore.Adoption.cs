using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Renames datasets into the store and out of it. User properties that make a dataset a volume are set before it comes in, and
/// removed after it has left.</summary>
internal sealed partial class ZfsStore : IAdoption
{
    // Set from before the rename until the dataset is mounted where a volume belongs. Only a local value counts: a copy has nothing to end.
    private const string AdoptingProperty = "kvol:adopting", OwnPrefix = "kvol:", MountpointProperty = "mountpoint";

    public IAdoption Adoption => this;

    public bool TryAdopt(VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld) => false;

    public (string? Place, string? Mountpoint) Adopt(VolumeName name, DatasetName dataset, NewVolume wanted)
    {
        _ = zfs.Core; // before anything is unmounted for it
        var from = RequireAdoptable(dataset);
        var place = mounts.HomeOf(from)?.Target.Text;
        var to = volumes.Child(name.Text);
        Leave(from, to, () =>
        {
            using var properties = ZfsVolume.New(wanted, (AdoptingProperty, "1"));
            ZfsErrors.Changing(from.Name, () => zfs.Device.SetProperties(from.Name, properties));
        });
        EndAdoption(zfs.Find(to)!);
        return (place, OwnMountpoint(from));
    }

    public bool TryPlanAdoption(Plan plan, VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld) => false;

    public (string? Place, string? Mountpoint) PlanAdoption(Plan plan, VolumeName name, DatasetName dataset, NewVolume wanted)
    {
        var from = RequireAdoptable(dataset);
        var place = mounts.HomeOf(from)?.Target.Text;
        var to = volumes.Child(name.Text).Text;
        PlanMountAbove(plan);
        PlanUnmount(plan, from);
        plan.Do(["zfs", "set", .. ZfsVolume.PropertiesOf(wanted).Select(p => $"{p.Name}={p.Value}"), from.Name]);
        plan.Do("zfs", "rename", from.Name, to);
        if (OwnMountpoint(from) is not null)
        {
            plan.Do("zfs", "inherit", MountpointProperty, to);
        }

        plan.Do("zfs", "mount", to);
        return (place, OwnMountpoint(from));
    }

    public void Release(VolumeName name, HostPlace to) =>
        throw new KvolException(ExitStatus.Usage, to.Path,
            $"{name} is a dataset, which becomes no directory; name a dataset of the pool {root.Pool}, and with --mountpoint its place");

    public string? Release(VolumeName name, DatasetName to, string? mountpoint)
    {
        _ = zfs.Core;
        var from = RequireReleasable(name, to);
        Leave(from, to, () => { });
        Disown(to.Text);
        if (mountpoint is not null)
        {
            using var list = ZfsSystem.NewList();
            list.Add(MountpointProperty, mountpoint);
            ZfsErrors.Changing(to.Text, () => zfs.Device.SetProperties(to.Text, list));
        }

        var released = zfs.Find(to)!;
        try
        {
            mounts.MountIfMeant(released);
        }
        catch (KvolException e)
        {
            warn(e.Message);
        }

        return mounts.HomeOf(released)?.Target.Text;
    }

    public void PlanRelease(Plan plan, VolumeName name, HostPlace to) => Release(name, to);

    public string? PlanRelease(Plan plan, VolumeName name, DatasetName to, string? mountpoint)
    {
        var from = RequireReleasable(name, to);
        PlanUnmount(plan, from);
        plan.Do("zfs", "rename", from.Name, to.Text);
        foreach (var property in OwnProperties(from))
        {
            plan.Do("zfs", "inherit", property, to.Text);
        }

        if (mountpoint is not null)
        {
            plan.Do("zfs", "set", $"{MountpointProperty}={mountpoint}", to.Text);
        }

        plan.Do("zfs", "mount", to.Text);
        return mountpoint;
    }

    private DatasetStats RequireReleasable(VolumeName name, DatasetName to)
    {
        var from = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        RequireOutside(to);
        RequireInPool(to, $"export it: kvol export --format zfs {name} | zfs receive {to}");
        if (zfs.Find(to) is not null)
        {
            throw Refusals.Taken(to.Text, "name a dataset that does not exist");
        }

        if (to.Parent is { } parent && zfs.Find(parent) is null)
        {
            throw new KvolException(ExitStatus.NoInput, parent.Text, "no such dataset; make it first: zfs create -p " + parent);
        }

        RefuseInner(name.Text, from);
        _ = OtherTables(name.Text); // namespaces that cannot be examined are reported before anything is undone
        return from;
    }

    private static string? OwnMountpoint(DatasetStats dataset) =>
        dataset.SourceOf(MountpointProperty) == dataset.Name ? dataset.Text(MountpointProperty) : null;

    private static string[] OwnProperties(DatasetStats dataset) =>
        [.. dataset.Properties.Names(OwnPrefix).Where(p => dataset.SourceOf(p) == dataset.Name)];

    /// <summary>Whether an adoption was interrupted after its rename.</summary>
    private static bool IsAdopting(DatasetStats dataset) => dataset.Local(AdoptingProperty) is not null;

    /// <summary>Brings an adopted dataset to where the volumes are mounted.</summary>
    private void EndAdoption(DatasetStats dataset)
    {
        if (OwnMountpoint(dataset) is not null)
        {
            mounts.Unmount(dataset);
            ZfsErrors.Changing(dataset.Name, () => zfs.Device.Inherit(dataset.Name, MountpointProperty));
        }

        ZfsErrors.Changing(dataset.Name, () => zfs.Device.Inherit(dataset.Name, AdoptingProperty));
        MountAbove();
        mounts.MountIfMeant(zfs.Find(dataset.Name)!);
    }

    /// <summary>Unmounts a dataset, does what <paramref name="first"/> does, and renames it to or from the store.</summary>
    private void Leave(DatasetStats dataset, DatasetName to, Action first)
    {
        mounts.Unmount(dataset);
        try
        {
            RefuseMounted(dataset);
            first();
            zfs.Core.Rename(dataset.Name, to.Text);
        }
        catch (Exception failure) when (failure is NativeException or KvolException)
        {
            if (!IsIn(dataset.Name, root.Text))
            {
                Disown(dataset.Name);
            }

            mounts.MountIfMeant(dataset); // as it was
            throw failure is not NativeException e ? failure : e.Failure switch
            {
                Failure.Exists => Refusals.Taken(to.Text),
                Failure.NotPermitted => new KvolException(ExitStatus.Unavailable, dataset.Name,
                    $"is encrypted with the key of {dataset.Text("encryptionroot")}, which {to} would not have; give it a key of its own: "
                    + $"zfs change-key -o keyformat=passphrase {dataset.Name}"),
                _ => ZfsErrors.Other(dataset.Name, e),
            };
        }

        if (OwnMountpoint(dataset) is null)
        {
            mounts.RemoveMountpoint(dataset); // zfs(8) made it
        }
    }

    /// <summary>Removes what makes a dataset a volume.</summary>
    private void Disown(string name)
    {
        if (zfs.Find(name) is { } dataset)
        {
            ZfsErrors.Changing(name, () =>
            {
                foreach (var property in OwnProperties(dataset))
                {
                    zfs.Device.Inherit(name, property);
                }
            });
        }
    }

    private DatasetStats RequireAdoptable(DatasetName name)
    {
        RequireOutside(name);
        RequireInPool(name, $"copy it: zfs snapshot {name}@adopt && zfs send {name}@adopt | kvol import VOL");
        var dataset = zfs.Find(name) ?? throw new KvolException(ExitStatus.NoInput, name.Text, "no such dataset");
        if (StoreAbove(name) is { } other)
        {
            throw new KvolException(ExitStatus.Usage, name.Text,
                $"is in another store, {other}; release it there first: "
                + $"kvol --root {other} release {DatasetName.Last(name.Text)} {name.Pool}/NEW");
        }

        if (zfs.Device.Children(name.Text, (_, _) => { }).FirstOrDefault() is { } child)
        {
            throw new KvolException(ExitStatus.Busy, name.Text,
                $"has a dataset inside, {child.Name}, and a volume is one dataset; move that first: "
                + $"zfs rename {child.Name} {name.Pool}/NEW");
        }

        if (Unfitness(dataset) is { } reason)
        {
            throw new KvolException(ExitStatus.Unavailable, name.Text, reason);
        }

        RefuseOtherMounts(dataset);
        _ = OtherTables(name.Text);
        return dataset;
    }

    // Without a mountpoint it inherits one. With a legacy one, fstab(5) names it, and a boot would not find it.
    private static string? Unfitness(DatasetStats dataset) => dataset.Type == DatasetType.FileSystem
        && dataset.Text(MountpointProperty) == "legacy"
        ? $"has mountpoint=legacy, so fstab(5) may name it; remove it there, then: zfs set mountpoint=none {dataset.Name}"
        : Mountpoint.Refusal(dataset, inherits: true);

    private void RequireOutside(DatasetName name)
    {
        var reason = IsIn(root.Text, name.Text) ? name == root ? "is the store" : $"contains the store {root}"
            : IsDeleted(name.Text) ? $"is a deleted volume; to bring it back: kvol undelete {DatasetName.Last(name.Text)}"
            : name.Parent == volumes ? "is a name of a volume in the store; see kvol rename"
            : IsIn(name.Text, root.Text) ? $"lies in the store {root}; name a dataset outside"
            : null;
        if (reason is not null)
        {
            throw new KvolException(ExitStatus.Usage, name.Text, reason);
        }
    }

    private void RequireInPool(DatasetName name, string wayOut)
    {
        if (name.Pool != root.Pool)
        {
            throw new KvolException(ExitStatus.Unavailable, name.Text,
                $"is not in {root.Pool}, the pool of the store, and ZFS renames only within a pool; {wayOut}");
        }
    }

    /// <summary>The store made by kvol that a dataset lies in; null if it lies in none.</summary>
    private DatasetName? StoreAbove(DatasetName name)
    {
        for (DatasetName? above = name; above is not null; above = above.Parent)
        {
            if (DatasetName.Last(above.Text) == DatasetName.Last(volumes.Text) && above.Parent is { } store
                && zfs.Find(above)?.Own(StoreDataset.MadeByKvol) is not null)
            {
                return store;
            }
        }

        return null;
    }

    /// <summary>Throws an error (75) if a dataset, or a snapshot of it, is mounted anywhere but on its own mountpoint.</summary>
    private void RefuseOtherMounts(DatasetStats dataset)
    {
        var home = mounts.HomeOf(dataset);
        var uses = mounts.Table.Entries.Where(e => e.Id != home?.Id && e.Dataset?.ToString() is { } shown
                && (shown == dataset.Name || shown.StartsWith(dataset.Name + "@", StringComparison.Ordinal)))
            .Select(e => new VolumeUse(e, null)).ToArray();
        if (uses.Length > 0)
        {
            throw Refusals.InUse(dataset.Name, "is mounted", uses);
        }
    }

    private static bool IsIn(string name, string above) =>
        name.StartsWith(above, StringComparison.Ordinal) && (name.Length == above.Length || name[above.Length] == '/');
}
