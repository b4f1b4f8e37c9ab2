using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Renames volumes, and keeps deleted ones: <c>ROOT/deleted/ID</c>, moved there and back by one rename, and not mounted. User
/// properties hold the name and the times.</summary>
internal sealed partial class ZfsStore
{
    /// <summary>The property with the former name of a deleted volume.</summary>
    public const string DeletedName = "kvol:deleted.name";

    private const string DeletedAt = "kvol:deleted.at", DeletedUntil = "kvol:deleted.until", DeletedSince = "kvol:deleted.since",
        DeletedCanMount = "kvol:deleted.canmount";

    private const ulong MountedAtBoot = 1, NotAtBoot = 2; // values of canmount, zfs_canmount_type_t

    private readonly DatasetName deleted = root.Child("deleted");

    public void Rename(VolumeName name, VolumeName to)
    {
        Move(Stats(name) ?? throw Refusals.NoSuchVolume(name), volumes.Child(to.Text));
        mounts.MountIfMeant(zfs.Find(volumes.Child(to.Text))!);
    }

    public DeletedVolume Keep(VolumeName name, DeletionRecord deletion)
    {
        _ = zfs.Core; // before anything is unmounted for it
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        _ = OtherTables(name.Text);
        MakeDeleted();
        var id = RandomHex.Of(12);
        Move(dataset, deleted.Child(id), () =>
        {
            RefuseMounted(dataset);
            MarkDeleted(dataset, name, deletion);
        });
        return new DeletedVolume(id, name, deletion);
    }

    public long Used(DeletedVolume volume) => (long)(FindDeleted(volume).Number("used") ?? 0);

    /// <summary>Writes the record of a deletion, which has no effect while the volume still exists. A dataset with a mountpoint of its own
    /// would be mounted at the next boot if <c>canmount</c> were still <c>on</c>.</summary>
    private void MarkDeleted(DatasetStats dataset, VolumeName name, DeletionRecord deletion)
    {
        using var list = ZfsSystem.NewList();
        foreach (var (property, value) in RecordOf(dataset, name, deletion))
        {
            list.Add(property, value);
        }

        if (Mountpoint.IsMountedAtBoot(dataset))
        {
            list.Add("canmount", NotAtBoot);
        }

        ZfsErrors.Changing(dataset.Name, () => zfs.Device.SetProperties(dataset.Name, list));
    }

    /// <summary>Takes the record of a deletion away from a volume that is back, or was never moved because of a crash.</summary>
    private void EndDeletion(string name)
    {
        if (zfs.Find(name) is not { } dataset || (dataset.Own(DeletedName) ?? dataset.Own(DeletedCanMount)) is null)
        {
            return;
        }

        ZfsErrors.Changing(dataset.Name, () =>
        {
            if (dataset.Own(DeletedCanMount) == "on")
            {
                using var list = ZfsSystem.NewList();
                list.Add("canmount", MountedAtBoot);
                zfs.Device.SetProperties(dataset.Name, list);
            }
            else if (dataset.Own(DeletedCanMount) is not null)
            {
                zfs.Device.Revert(dataset.Name, "canmount");
            }

            // The name is last: as long as it is there, a crash can be healed.
            foreach (var property in (string[])[DeletedCanMount, DeletedSince, DeletedAt, DeletedUntil, DeletedName])
            {
                zfs.Device.Inherit(dataset.Name, property);
            }
        });
    }

    public IReadOnlyList<DeletedVolume> Deleted(Action<string, KvolException> damaged)
    {
        var list = new List<DeletedVolume>();
        foreach (var dataset in ZfsErrors.Reading(deleted.Text, () => zfs.Device.Children(deleted.Text).ToArray()))
        {
            var id = dataset.Name[(deleted.Text.Length + 1)..];
            if (dataset.Own(DeletedName) is { } name && VolumeName.IsValid(name) && Timestamp.TryRead(dataset.Own(DeletedAt)) is { } at
                && Timestamp.TryRead(dataset.Own(DeletedUntil)) is { } until)
            {
                var since = dataset.Own(DeletedSince)?.Split(' ') is [var uptime, var boot]
                    && long.TryParse(uptime, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                    ? new BootMoment(boot, milliseconds) : null;
                list.Add(new DeletedVolume(id, VolumeName.Parse(name), new DeletionRecord(at, until, since)));
            }
            else
            {
                damaged(id, new KvolException(ExitStatus.Damaged, dataset.Name,
                    $"does not say which volume it was (properties {DeletedName}, {DeletedAt} and {DeletedUntil}); it is left alone"));
            }
        }

        return [.. list.OrderBy(d => d.Deletion.At)];
    }

    public void Undelete(DeletedVolume volume)
    {
        var to = volumes.Child(volume.Name.Text);
        Move(FindDeleted(volume), to);
        EndDeletion(to.Text);
        mounts.MountIfMeant(zfs.Find(to)!);
    }

    public bool Purge(DeletedVolume volume)
    {
        var dataset = FindDeleted(volume);
        if (IsMountedAnywhere(dataset.Name))
        {
            return false;
        }

        var snapshots = RequirePurgeable(dataset, volume);
        GiveUpPart(dataset);
        if (snapshots.Count > 0)
        {
            Destroy(snapshots.Select(s => s.Name), dataset.Name);
        }

        try
        {
            zfs.Core.Destroy(dataset.Name);
            return true;
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Destroying(dataset.Name, e);
        }
    }

    /// <summary>The snapshots of a deleted volume, after checking that nothing depends on it.</summary>
    private IReadOnlyList<DatasetStats> RequirePurgeable(DatasetStats dataset, DeletedVolume volume)
    {
        RefuseInner(dataset.Name, dataset);
        var snapshots = zfs.Snapshots(dataset.Name);
        foreach (var snapshot in snapshots)
        {
            RefuseOrigin(volume.Name.Text, snapshot);
        }

        RefuseHeld(volume.Name.Text, snapshots);
        return snapshots;
    }

    /// <summary>The properties that are the record of a deletion; <c>canmount</c> is one that zfs(8) knows.</summary>
    private static IEnumerable<(string Name, string Value)> RecordOf(DatasetStats dataset, VolumeName name, DeletionRecord deletion)
    {
        yield return (DeletedName, name.Text);
        yield return (DeletedAt, Timestamp.Text(deletion.At));
        yield return (DeletedUntil, Timestamp.Text(deletion.Until));
        yield return (DeletedSince, deletion.Since is { } since ? $"{since.Uptime} {since.Boot}" : "");
        if (Mountpoint.IsMountedAtBoot(dataset))
        {
            yield return (DeletedCanMount, dataset.SourceOf("canmount") == dataset.Name ? "on" : "default");
        }
    }

    /// <summary>Renames a dataset in the store: unmounts it, does what <paramref name="first"/> does, and renames it
    /// atomically.</summary>
    private void Move(DatasetStats dataset, DatasetName to, Action? first = null)
    {
        mounts.Unmount(dataset);
        try
        {
            first?.Invoke();
            zfs.Core.Rename(dataset.Name, to.Text);
        }
        catch (Exception failure) when (failure is NativeException or KvolException)
        {
            if (first is not null)
            {
                EndDeletion(dataset.Name);
            }

            if (!IsDeleted(dataset.Name))
            {
                mounts.MountIfMeant(dataset); // as it was
            }

            throw failure is not NativeException e ? failure : e.Failure switch
            {
                Failure.Exists => Refusals.Taken(to.Text),
                Failure.NotPermitted => new KvolException(ExitStatus.Unavailable, dataset.Name,
                    "its new parent dataset has incompatible encryption"),
                _ => ZfsErrors.Other(dataset.Name, e),
            };
        }

        mounts.RemoveMountpoint(dataset);
    }

    private bool IsDeleted(string dataset) => dataset.StartsWith(deleted.Text + "/", StringComparison.Ordinal);

    private DatasetStats FindDeleted(DeletedVolume volume) =>
        zfs.Find(deleted.Child(volume.Id)) ?? throw new KvolException(ExitStatus.NoInput, volume.Name.Text, "is no longer kept");

    /// <summary>Creates the dataset of deleted volumes with mountpoint=none, so that nothing in it is mounted at boot.</summary>
    private void MakeDeleted()
    {
        if (zfs.Find(deleted) is not null)
        {
            return;
        }

        using var properties = ZfsSystem.NewList();
        properties.Add("canmount", 0UL);
        properties.Add("mountpoint", "none");
        try
        {
            zfs.Core.Create(deleted.Text, properties);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            // another process was first
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Creating(deleted.Text, e);
        }
    }

    private static bool IsMountedAnywhere(string dataset)
    {
        return OtherTables(dataset).Select(t => t.Table).Prepend(MountTable.Read()).Any(t => t.Entries.Any(Shows));

        bool Shows(MountEntry entry) => entry.Dataset?.ToString() is { } shown
            && (shown == dataset || shown.StartsWith(dataset + "@", StringComparison.Ordinal)
                || shown.StartsWith(dataset + "/", StringComparison.Ordinal));
    }
}
