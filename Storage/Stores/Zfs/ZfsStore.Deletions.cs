using System;
using System.Collections.Generic;
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

    private const string DeletedAt = "kvol:deleted.at", DeletedUntil = "kvol:deleted.until";

    private readonly DatasetName deleted = root.Child("deleted");

    public void Rename(VolumeName name, VolumeName to) => Move(Stats(name) ?? throw Refusals.NoSuchVolume(name), volumes.Child(to.Text));

    public void Keep(VolumeName name, DeletionRecord deletion)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        MakeDeleted();
        var id = deleted.Child(RandomHex.Of(12));

        // These properties mean nothing while the volume still exists.
        zfs.Set(dataset.Name, (DeletedName, name.Text), (DeletedAt, Timestamp.Text(deletion.At)),
            (DeletedUntil, Timestamp.Text(deletion.Until)));
        Move(dataset, id);
    }

    public IReadOnlyList<DeletedVolume> Deleted(Action<KvolException> damaged)
    {
        var list = new List<DeletedVolume>();
        foreach (var dataset in ZfsErrors.Reading(deleted.Text, () => zfs.Device.Children(deleted.Text).ToArray()))
        {
            var id = dataset.Name[(deleted.Text.Length + 1)..];
            if (dataset.Own(DeletedName) is { } name && VolumeName.IsValid(name) && Timestamp.TryRead(dataset.Own(DeletedAt)) is { } at
                && Timestamp.TryRead(dataset.Own(DeletedUntil)) is { } until)
            {
                list.Add(new DeletedVolume(id, VolumeName.Parse(name), at, until));
            }
            else
            {
                damaged(new KvolException(ExitStatus.Damaged, dataset.Name,
                    $"does not say which volume it was (properties {DeletedName}, {DeletedAt} and {DeletedUntil}); it is left alone"));
            }
        }

        return [.. list.OrderBy(d => d.At)];
    }

    public void Undelete(DeletedVolume volume)
    {
        var to = volumes.Child(volume.Name.Text);
        Move(FindDeleted(volume), to);
        foreach (var property in (string[])[DeletedName, DeletedAt, DeletedUntil])
        {
            ZfsErrors.Changing(to.Text, () => zfs.Device.Inherit(to.Text, property));
        }
    }

    public bool Purge(DeletedVolume volume)
    {
        var dataset = FindDeleted(volume);
        if (IsMountedAnywhere(dataset.Name))
        {
            return false;
        }

        RefuseInner(dataset.Name, dataset);

        GiveUpPart(dataset);
        var snapshots = zfs.Snapshots(dataset.Name);
        foreach (var snapshot in snapshots)
        {
            RefuseOrigin(volume.Name.Text, snapshot);
        }

        RefuseHeld(volume.Name.Text, snapshots);
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

    /// <summary>Renames a dataset in the store: unmounts it, renames it atomically, and mounts it at its new mountpoint.</summary>
    private void Move(DatasetStats dataset, DatasetName to)
    {
        mounts.Unmount(dataset);
        try
        {
            zfs.Core.Rename(dataset.Name, to.Text);
        }
        catch (NativeException e)
        {
            mounts.MountIfMeant(dataset); // as it was
            throw e.Failure switch
            {
                Failure.Exists => Refusals.Taken(to.Text),
                Failure.NotPermitted => new KvolException(ExitStatus.Unavailable, dataset.Name,
                    "is encrypted, and the dataset above its new name is not in the way that it needs"),
                _ => ZfsErrors.Other(dataset.Name, e),
            };
        }

        mounts.RemoveMountpoint(dataset);
        mounts.MountIfMeant(zfs.Find(to)!);
    }

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
