using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Volumes as datasets <c>ROOT/volumes/NAME</c>, with kvol's metadata in user properties. They are ordinary datasets, and a
/// dataset that others made there is a volume too.</summary>
internal sealed partial class ZfsStore(DatasetName root, DatasetStats above, ZfsSystem zfs, DatasetMounts mounts,
    Configuration configuration, Upkeep upkeep) : IVolumeStore
{
    // Of kvol's own directory in the dataset above the volumes.
    private const string OwnName = ".kvol";

    private readonly DatasetName volumes = root.Child("volumes");

    private readonly StoreAccess access = new(mounts, above, upkeep);
    private readonly Action<string> warn = upkeep.Warn;
    private readonly HashSet<VolumeName> absent = [];

    private readonly Lazy<Fd> locks = new(() => RunDirectory.OpenLocks(configuration, upkeep));

    private readonly Lazy<string> id = new(() => $"{zfs.Find(root)?.Guid ?? 0:x16}");

    public string Root => root.Text;

    /// <summary>The guid of the store's dataset, which does not change when the dataset is renamed or the pool is moved to another
    /// host.</summary>
    public string Id => id.Value;

    public string CloningStatus() => BlockCloning.Of(zfs, root.Pool, configuration.Cloning).Text;

    public string? KnownCloningStatus => CloningStatus();

    // ZFS itself reports a suspended, read-only or full pool.
    public string? Trouble => mounts.HomeOf(above) is { } home ? mounts.CoveredError(home)?.Message : null;

    public bool MayClone(bool wanted) => BlockCloning.Of(zfs, root.Pool, wanted).IsOn;

    public string? Exposure => access.Exposure(Children(_ => { }));

    public IReadOnlyList<string> Names(Action<KvolException> damaged) => [.. List(damaged).Select(e => e.Text)];

    public IReadOnlyList<StoreEntry> List(Action<KvolException> damaged)
    {
        var rows = mounts.Table.Entries.Where(e => e.Dataset is not null && e.IsWholeDataset).ToLookup(e => e.Dataset!.ToString());
        var states = new DatasetState(zfs, this, new(() => Emptiness.AllObjects(() => OpenRecords(create: false))));
        var list = new List<StoreEntry>();
        foreach (var dataset in Children(damaged))
        {
            var path = mounts.MountpointOf(dataset);
            list.Add(ZfsVolume.Foreign(dataset) ?? (StoreEntry)ZfsVolume.Read(dataset, path, path is null ? null
                : DatasetMounts.HomeAt(dataset.Name, path, rows[dataset.Name]), states));
        }

        list.Sort((a, b) => string.CompareOrdinal(a.Text, b.Text));
        return list;
    }

    public Volume? Find(VolumeName name) => Stats(name) is { } dataset
        ? ZfsVolume.Read(dataset, mounts.MountpointOf(dataset), mounts.HomeOf(dataset), new DatasetState(zfs, this)) : null;

    public IDisposable Lock(VolumeName name, Context context, bool toRemove)
    {
        var held = FileLock.Take(locks.Value, $"zfs-{above.Guid:x16}-{name}", name.Text, context);
        try
        {
            if (Stats(name) is { } dataset)
            {
                if (!toRemove)
                {
                    Heal(dataset, context.Warn);
                }
            }
            else
            {
                absent.Add(name);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public bool Create(VolumeName name, NewVolume wanted)
    {
        // A name that the lock found free is created without another check; if someone creates it by hand concurrently, the kernel reports
        // it.
        if (!absent.Remove(name) && Stats(name) is not null)
        {
            return false;
        }

        Make(name, wanted);
        return true;
    }

    public void Remove(VolumeName name, bool force)
    {
        _ = zfs.Core; // before anything is unmounted for it
        var (dataset, snapshots) = RequireDestroyable(name, force);
        mounts.Unmount(dataset);
        try
        {
            RefuseMounted(dataset);
            GiveUpPart(dataset);
            if (snapshots.Count > 0)
            {
                zfs.Core.DestroySnapshots(snapshots.Select(s => s.Name), dataset.Name);
            }

            zfs.Core.Destroy(dataset.Name);
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            mounts.MountIfMeant(dataset); // as it was
            throw e is NativeException failure ? ZfsErrors.Destroying(dataset.Name, failure) : e;
        }

        mounts.RemoveMountpoint(dataset);
    }

    /// <summary>The dataset of a volume and its snapshots, after checking that all can be destroyed.</summary>
    private (DatasetStats Dataset, IReadOnlyList<DatasetStats> Snapshots) RequireDestroyable(VolumeName name, bool force)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        var snapshots = RequireRemovable(dataset, name, force, isKept: false);
        _ = OtherTables(name.Text); // namespaces that cannot be examined are reported before anything is undone
        return (dataset, snapshots);
    }

    public Fd OpenContent(VolumeName name) => OpenTop(name);

    public void EndTaking(VolumeName name) =>
        zfs.Set(volumes.Child(name.Text).Text, (ZfsVolume.TakesProperty, TopPartsText.Of(TopParts.None)));

    public long Used(VolumeName name) => (long)(Stats(name)?.Number("used") ?? 0);

    public Func<MountEntry, ShownVolume?> Classifier(MountTable table) => new DatasetClassifier(zfs, mounts, above, table).Classify;

    public string SetAside(VolumeName name) =>
        throw new KvolException(ExitStatus.Unavailable, name.Text, "is a dataset, which kvol does not move aside; see zfs rename");

    public IReadOnlyList<string> Sweep(bool dryRun) => [];

    public ByteString? ContentPath(VolumeName name) => Stats(name) is { } dataset ? mounts.HomeOf(dataset)?.Target : null;

    public Fd OpenRecords(bool create)
    {
        // In the dataset above the volumes, which no jail sees. If that is not mounted, nothing can outlive the boot.
        using var directory = DatasetMounts.OpenHome(mounts.HomeOf(above));
        if (!directory.IsOpen)
        {
            return create ? RunDirectory.OpenMountPoints(configuration, upkeep) : Fd.None;
        }

        return OwnDirectory.Open(directory, OwnName, upkeep, create);
    }

    /// <summary>Closes it to all but root, if kvol made it.</summary>
    public void CheckAccess() => access.Close();

    public void Dispose()
    {
        if (locks.IsValueCreated)
        {
            locks.Value.Dispose();
        }

        zfs.Dispose();
    }

    private void Make(VolumeName name, NewVolume wanted, params (string Name, string Value)[] more)
    {
        RefuseOpenPlace(wanted);
        MountAbove();
        var dataset = volumes.Child(name.Text);
        ZfsVolume.Create(zfs, dataset, wanted, more);
        try
        {
            var made = zfs.Find(dataset)!;
            if (Mountpoint.Refusal(made) is { } reason)
            {
                // Requested properties may forbid mounting the volume now; but it must be mounted if it is to be given an owner.
                if (wanted.Properties is not { Count: > 0 } || wanted is not { Uid: null, Gid: null, Mode: null })
                {
                    throw new KvolException(ExitStatus.Unavailable, dataset.Text, reason);
                }

                return;
            }

            using var data = mounts.OpenNew(made);
            if (wanted is not { Uid: null, Gid: null, Mode: null })
            {
                VolumeTop.SetOwner(data, wanted.Uid ?? 0, wanted.Gid ?? 0, wanted.Mode ?? VolumeTop.DefaultMode);
            }
        }
        catch
        {
            if (zfs.Find(dataset) is { } left)
            {
                Destroy(left);
            }

            throw;
        }
    }

    private void RefuseOpenPlace(NewVolume wanted)
    {
        if (PropertyEncoding.Parse(wanted.Properties ?? []).GetValueOrDefault("mountpoint") is string mountpoint)
        {
            access.RefuseOpen(mountpoint);
        }
    }

    /// <summary>The foreign entries among the volumes; a dataset that cannot be read is passed to <paramref name="damaged"/>.</summary>
    private IReadOnlyList<DatasetStats> Children(Action<KvolException> damaged) =>
        ZfsErrors.Reading(volumes.Text, () =>
            zfs.Device.Children(volumes.Text, (name, e) => damaged(ZfsErrors.Unreadable(name, e))).ToArray());

    private DatasetStats? Stats(VolumeName name)
    {
        var dataset = zfs.Find(volumes.Child(name.Text));
        return dataset is null or { Type: DatasetType.FileSystem } ? dataset
            : throw new KvolException(ExitStatus.Damaged, dataset.Name, "is a zvol, not a kvol volume; kvol leaves it alone");
    }

    public Fd OpenTop(VolumeName name)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        if (mounts.HomeOf(dataset) is not null)
        {
            return mounts.Open(dataset);
        }

        if (Mountpoint.IsLocked(dataset))
        {
            throw new KvolException(ExitStatus.Unavailable, dataset.Name, Mountpoint.Refusal(dataset)!);
        }

        MountAbove();
        if (dataset.SourceOf("mountpoint") == dataset.Name)
        {
            mounts.MountOuter(dataset, volumes);
        }

        var data = mounts.Open(dataset);
        Heal(dataset, warn); // an interrupted seeding can be seen only now
        return data;
    }

    private void MountAbove()
    {
        if (mounts.HomeOf(above) is { } home)
        {
            if (mounts.CoveredError(home) is { } error)
            {
                throw error;
            }

            return; // and closed when the store was opened
        }

        mounts.MountOuter(above, volumes);
        if (zfs.Find(root) is { } dataset)
        {
            mounts.MountIfMeant(dataset);
        }

        mounts.MountIfMeant(above);
        access.MakePlace();
        access.Close();
    }
}
