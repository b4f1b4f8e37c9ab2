using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The names in a ZFS store.</summary>
internal sealed class DatasetNames(string root) : IStoreNames
{
    public IEnumerable<string> Volumes() => Below("volumes").Select(d => DatasetName.Last(d.Name));

    public IEnumerable<string> Snapshots(string volume)
    {
        using var zfs = ZfsSystem.Open();
        return [.. zfs.Snapshots($"{root}/volumes/{volume}").Select(ZfsStore.NameOf).Where(n => !ZfsStore.IsTemporary(n))];
    }

    public IEnumerable<string> Groups()
    {
        using var zfs = ZfsSystem.Open();
        return [.. Below("volumes").SelectMany(v => zfs.Snapshots(v.Name)).Select(s => s.Own(GroupProperties.Id)).OfType<string>()];
    }

    public IEnumerable<string> Deleted() => Below("deleted").Select(d => d.Own(ZfsStore.DeletedName)).OfType<string>();

    // A dataset whose properties cannot be read is not offered.
    private List<DatasetStats> Below(string child)
    {
        using var zfs = ZfsSystem.Open();
        return [.. zfs.Device.Children($"{root}/{child}", (_, _) => { }).Where(d => d.Type == DatasetType.FileSystem)];
    }
}
