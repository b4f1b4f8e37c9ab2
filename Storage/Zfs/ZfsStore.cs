using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Mounting;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Zfs;

/// <summary>Volumes as datasets <c>ROOT/volumes/NAME</c>; what kvol knows of them lives in user properties. To the administrator they are ordinary
/// datasets, and a dataset that somebody else made there is a volume too.</summary>
internal sealed partial class ZfsStore(DatasetName root, ZfsSystem zfs, DatasetMounts mounts, Configuration configuration, Action<string> warn) : IVolumeStore, IVolumeData
{
    private readonly DatasetName volumes = root.Child("volumes");

    private readonly Lazy<string> id = new(() => $"{zfs.Find(root)?.Guid ?? 0:x16}");

    public string Root => root.Text;

    /// <summary>The guid of the store's dataset: it stays when the dataset is renamed or its pool moves.</summary>
    public string Id => id.Value;

    public string CloningStatus() => Cloning.Of(zfs, root.Pool, configuration.Cloning).Text;

    public string? KnownCloningStatus => CloningStatus();

    public string? Exposure => Home(volumes) is { } home && VolumeTop.Exposure(home.Target) is { } mode
        ? $"{home.Target} has mode {mode} or another owner than root, so others reach what jails write: chown 0:0 {home.Target}; chmod 0700 {home.Target}" : null;

    public IReadOnlyList<Volume> List(Action<KvolException> damaged)
    {
        var rows = MountTable.Read().Entries.Where(e => e.Dataset is not null && e.IsWholeDataset).ToLookup(e => e.Dataset!.ToString());
        var objects = new Lazy<HashSet<MadeObject>>(() => MountPointRecords.AllObjects(this));
        var list = new List<Volume>();
        foreach (var dataset in ZfsErrors.Reading(volumes.Text, () => zfs.Device.Children(volumes.Text).ToArray()))
        {
            var path = mounts.MountpointOf(dataset);
            list.Add(ZfsVolume.Read(dataset, path, path is null ? null : DatasetMounts.HomeAt(dataset.Name, path, rows[dataset.Name]), data => Holds(data, objects)));
        }

        list.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return list;
    }

    public Volume? Find(VolumeName name) => Stats(name) is { } dataset
        ? ZfsVolume.Read(dataset, mounts.MountpointOf(dataset), mounts.HomeOf(dataset, MountTable.Read()), data => Holds(data, null)) : null;

    public IDisposable Lock(VolumeName name, Context context)
    {
        using var locks = RunRecords.OpenLocks(configuration);
        var held = FileLock.Take(locks, $"zfs-{Id}-{name}", name.Text, context);
        try
        {
            if (Stats(name) is { } dataset)
            {
                Heal(dataset, context);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Create(VolumeName name, NewVolume wanted)
    {
        if (Stats(name) is null)
        {
            Make(name, wanted);
        }
    }

    public void Remove(VolumeName name, bool force)
    {
        _ = zfs.Core; // before anything is unmounted for it
        if (Stats(name) is not { } dataset)
        {
            throw Volumes.NoSuch(name);
        }

        if (ZfsErrors.Reading(dataset.Name, () => zfs.Device.Children(dataset.Name).FirstOrDefault()) is { } child)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"has a dataset inside, {child.Name}, which kvol did not make; destroy or move that first");
        }

        var snapshots = zfs.Snapshots(dataset.Name);
        if (snapshots.FirstOrDefault(s => s.Clones > 0 && s.CloneNames.Any(c => c != PartOf(dataset))) is { } origin)
        {
            RefuseOrigin(name.Text, origin);
        }

        if (snapshots.LastOrDefault(s => !IsLeftover(s)) is { } last && !force)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"has {snapshots.Count} snapshot(s), the last {last.Name}; 'rm -f' destroys them with it");
        }

        RefuseHeld(name.Text, snapshots);
        mounts.Unmount(dataset);
        RefuseMounted(name, dataset);
        try
        {
            GiveUpPart(dataset);
            if (snapshots.Count > 0)
            {
                zfs.Core.DestroySnapshots(snapshots.Select(s => s.Name), dataset.Name);
            }

            zfs.Core.Destroy(dataset.Name);
        }
        catch (NativeException e)
        {
            mounts.MountIfMeant(dataset); // as it was
            throw ZfsErrors.Destroying(dataset.Name, e);
        }

        mounts.RemoveMountpoint(dataset);
    }

    public Fd OpenContent(VolumeName name) => OpenData(name);

    public bool IsEmpty(VolumeName name)
    {
        using var data = OpenData(name);
        return MountPointRecords.FirstForeign(data, this) is null;
    }

    public void TakeOwner(VolumeName name, in FileStatus from, NewVolume wanted)
    {
        using var data = OpenData(name);
        VolumeTop.SetOwner(data, wanted.Uid ?? from.Uid, wanted.Gid ?? from.Gid, wanted.Mode ?? from.Mode);
    }

    public long Used(VolumeName name) => (long)(Stats(name)?.Number("used") ?? 0);

    public Func<MountEntry, ShownVolume?> Classifier(MountTable table) => new DatasetClassifier(zfs, mounts, volumes, table).Classify;

    public ByteString? ContentPath(VolumeName name) => Stats(name) is { } dataset ? mounts.HomeOf(dataset, MountTable.Read())?.Target : null;

    public Fd OpenRecords(bool create)
    {
        // In the dataset above the volumes, which no jail sees; where that is not mounted nothing outlives the boot.
        using var directory = DatasetMounts.OpenHome(Home(volumes));
        if (!directory.IsOpen)
        {
            return create ? RunRecords.OpenMountPoints(configuration) : Fd.None;
        }

        return StoreDirectory.Open(directory, ".kvol", create);
    }

    /// <summary>Nobody but root may reach a volume through the store. A store of kvol's is closed; one made by others is reported by doctor.</summary>
    public void CheckAccess()
    {
        if (zfs.Find(volumes) is not { } dataset || dataset.Own(StoreDataset.MadeByKvol) is null || mounts.HomeOf(dataset, MountTable.Read()) is not { } home)
        {
            return;
        }

        using var directory = DatasetMounts.OpenHome(home);
        if (directory.IsOpen)
        {
            VolumeTop.CloseToOthers(directory, home.Target.ToString(), warn);
        }
    }

    public void Dispose() => zfs.Dispose();

    private void Make(VolumeName name, NewVolume wanted, params (string Name, string Value)[] more)
    {
        MountAbove();
        var dataset = volumes.Child(name.Text);
        ZfsVolume.Create(zfs, dataset, wanted, more);
        try
        {
            var made = zfs.Find(dataset)!;
            if (Mountpoint.Refusal(made) is { } reason)
            {
                _ = wanted.Properties is { Count: > 0 } && wanted is { Uid: null, Gid: null, Mode: null } ? 0 // as it was asked for
                    : throw new KvolException(ExitStatus.Unavailable, dataset.Text, reason);
                return;
            }

            using var data = mounts.Open(made);
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

    private bool Holds(Fd data, Lazy<HashSet<MadeObject>>? objects) => MountPointRecords.FirstForeign(data, this, objects) is not null;

    private MountEntry? Home(DatasetName name) => zfs.Find(name) is { } dataset ? mounts.HomeOf(dataset, MountTable.Read()) : null;

    private DatasetStats? Stats(VolumeName name)
    {
        var dataset = zfs.Find(volumes.Child(name.Text));
        return dataset is null or { Type: DatasetType.FileSystem } ? dataset
            : throw new KvolException(ExitStatus.Damaged, dataset.Name, "is a zvol, so not a volume of kvol's; it is left alone");
    }

    private Fd OpenData(VolumeName name)
    {
        var dataset = Stats(name) ?? throw Volumes.NoSuch(name);
        if (mounts.HomeOf(dataset, MountTable.Read()) is null)
        {
            MountAbove();
        }

        return mounts.Open(dataset);
    }

    private void MountAbove()
    {
        foreach (var above in (DatasetName[])[root, volumes])
        {
            if (zfs.Find(above) is { } dataset)
            {
                mounts.MountIfMeant(dataset);
            }
        }

        CheckAccess();
    }

    /// <summary>Nothing is destroyed, snapshots neither, while the dataset is still mounted anywhere: the kernel would refuse the dataset, but not them.</summary>
    private void RefuseMounted(VolumeName name, DatasetStats dataset)
    {
        foreach (var (table, elsewhere) in ProcessTable.OtherMountTables().Select(t => (t, true)).Prepend((MountTable.Read(), false)))
        {
            if (table.Entries.FirstOrDefault(e => e.FileSystem == "zfs" && e.Dataset?.ToString() == dataset.Name) is { } row)
            {
                mounts.MountIfMeant(dataset); // as it was
                throw new KvolException(ExitStatus.Busy, name.Text, $"its dataset is mounted on {row.Target}{(elsewhere ? " in another mount namespace" : "")}; umount it there first");
            }
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
