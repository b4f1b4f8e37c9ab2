using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archive;
using Kvol.Storage.Copy;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Zfs;

/// <summary>Volumes as ZFS streams. A received snapshot stays, because the next increment starts from it; one that was taken for an export alone goes.</summary>
internal sealed partial class ZfsStore : IVolumeStreams
{
    public VolumeStream OpenStream(VolumeName name, SnapshotName? snapshot, SnapshotName? since, bool raw)
    {
        var from = since is null ? null : Require(since).Name;
        var (origin, release) = HoldSnapshot(name, snapshot);
        return new VolumeStream(
            target =>
            {
                try
                {
                    zfs.Core.Send(origin, from, raw, target);
                }
                catch (NativeException e)
                {
                    throw e.Failure switch
                    {
                        Failure.CrossDevice => new KvolException(ExitStatus.Usage, $"-i {since}", $"is no earlier snapshot of the same volume than {snapshot}"),
                        Failure.NotPermitted => new KvolException(ExitStatus.Unavailable, name.Text, "is encrypted and its key is not loaded; load it, or export it with --raw"),
                        _ => ZfsErrors.Other(origin, e),
                    };
                }
            },
            release);
    }

    public SeedRecord Receive(VolumeName name, NewVolume? wanted, StreamBegin begin, string what, Action<Action<Fd>> feed, CopyReport report)
    {
        MountAbove();
        var dataset = volumes.Child(name.Text).Text;
        var isTemporary = begin.Snapshot.StartsWith(ForExport, StringComparison.Ordinal);
        var snapshot = $"{dataset}@{begin.Snapshot}";
        using var properties = wanted is null ? ZfsSystem.NewList() : ZfsVolume.New(wanted);
        try
        {
            feed(source => zfs.Core.Receive(snapshot, properties, begin.IsRaw, source, begin.Bytes));
        }
        catch (NativeException e) when (e.Call == "lzc_receive")
        {
            throw Refused(name, what, e);
        }

        if (isTemporary)
        {
            DestroyTemporary(snapshot);
        }

        var seed = new SeedRecord($"zfs:{what}", DateTimeOffset.UtcNow, 0, report.Bytes, []);
        if (wanted is not null)
        {
            zfs.Set(dataset, (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, ZfsSeeding.LongestValue)));
        }

        mounts.MountIfMeant(zfs.Find(dataset)!);
        return seed;
    }

    private KvolException Refused(VolumeName name, string what, NativeException e) => e.Failure switch
    {
        Failure.TextBusy => new KvolException(
            ExitStatus.Busy, name.Text, $"was changed since its last snapshot {Snapshots(name).Select(s => s.Name.ToString()).LastOrDefault()} (reading counts where atime=on); nothing was imported; 'kvol rollback' to it undoes the changes"),
        Failure.NoDevice => new KvolException(ExitStatus.Usage, name.Text, "its last snapshot is not the one that this increment starts from; nothing was imported"),
        Failure.NotFound => new KvolException(ExitStatus.Usage, name.Text, "the snapshot that this increment starts from is not there; nothing was imported"),
        Failure.Exists => new KvolException(ExitStatus.CannotCreate, name.Text, "has the snapshot of this stream already; nothing was imported"),
        Failure.NotSupported => new KvolException(ExitStatus.Unavailable, what, "has a feature that this host's ZFS or the pool has not; nothing was imported"),
        Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, name.Text, "the pool, or a quota, is full; nothing was imported"),
        Failure.NotPermitted or Failure.Busy or Failure.ReadOnly or Failure.NameTooLong or Failure.WouldBlock => ZfsErrors.Other(name.Text, e),
        _ => new KvolException(ExitStatus.Damaged, what, "is damaged or ends in the middle; nothing was imported"),
    };
}
