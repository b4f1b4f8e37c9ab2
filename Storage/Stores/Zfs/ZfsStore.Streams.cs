using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Volumes as ZFS streams. A received snapshot stays, because the next incremental stream starts from it; an export's temporary
/// snapshot is destroyed.</summary>
internal sealed partial class ZfsStore : IVolumeStreams
{
    private const string ResumeToken = ZfsVolume.ResumeToken;

    public VolumeStream OpenStream(VolumeName name, SnapshotName? snapshot, SendPoint? since, bool raw)
    {
        var from = since?.In(volumes.Child(name.Text).Text);
        var isRaw = raw && Stats(name)?.Text("encryptionroot") is not null;
        var (origin, release) = HoldSnapshot(name, snapshot);
        return new VolumeStream(
            target =>
            {
                try
                {
                    zfs.Core.Send(origin, from, isRaw, target);
                }
                catch (NativeException e)
                {
                    throw e.Failure switch
                    {
                        Failure.CrossDevice => Refusals.NotEarlier(since!.Name, snapshot!), // it was promoted away
                        Failure.NotFound when from is not null =>
                            new KvolException(ExitStatus.Busy, from, "was destroyed by another program; try again"),
                        Failure.NotPermitted =>
                            new KvolException(ExitStatus.Unavailable, name.Text,
                            $"is encrypted and its key is not loaded: kvol load-key {name}, or export it with --raw"),
                        _ => ZfsErrors.Other(origin, e),
                    };
                }
            },
            release);
    }

    public SeedRecord Receive(VolumeName name, NewVolume? wanted, StreamBegin begin, bool keep, string what, Action<Action<Fd>> feed,
        CopyReport report)
    {
        MountAbove();
        var dataset = volumes.Child(name.Text).Text;
        var isTemporary = begin.Snapshot.StartsWith(ForExport, StringComparison.Ordinal);
        var isNew = wanted is not null && !begin.GoesOn;
        RequireFitting(name, zfs.Find(dataset), begin, keep && isTemporary, what);
        var snapshot = $"{dataset}@{begin.Snapshot}";
        using var properties = isNew ? ZfsVolume.New(wanted!) : null;
        try
        {
            feed(source => zfs.Core.Receive(snapshot, properties, begin.IsRaw, keep, source, begin.Bytes));
        }
        catch (Exception e) when (keep && zfs.Find(dataset) is { } left && left.Text(ResumeToken) is not null)
        {
            var (status, why) = e switch
            {
                OperationCanceledException => (ExitStatus.SomeFailed, "was interrupted"),
                NativeException { Call: "lzc_receive" } => (ExitStatus.Damaged, $"{what} ends in the middle, is damaged or does not fit"),
                NativeException native => (ExitStatus.SystemError, native.Message),
                _ => (ExitStatus.Damaged, e.Message),
            };
            throw new KvolException(status, name.Text, $"{why}; {Kept(left)}");
        }
        catch (NativeException e) when (e.Call == "lzc_receive")
        {
            throw Refused(name, begin, what, e);
        }

        if (isTemporary)
        {
            DestroyTemporary(snapshot);
        }

        var seed = new SeedRecord($"zfs:{what}", DateTimeOffset.UtcNow, 0, report.Bytes, []);
        if (wanted is not null)
        {
            zfs.Set(dataset, [(ZfsVolume.SeedProperty, SeedJson.Text(seed, null, ZfsSeeding.LongestValue)),
                .. (wanted.Labels ?? new Dictionary<string, string>()).Select(l => (ZfsVolume.LabelPrefix + l.Key, l.Value))]);
        }

        mounts.MountIfMeant(zfs.Find(dataset)!);
        return seed;
    }

    private static void RequireFitting(VolumeName name, DatasetStats? dataset, StreamBegin begin, bool cannotGoOn, string what)
    {
        var isKept = dataset?.Text(ResumeToken) is not null;
        if (begin.GoesOn && !isKept)
        {
            throw new KvolException(ExitStatus.Usage, what, $"continues an interrupted stream, but {name} holds no partial stream");
        }

        if (!begin.GoesOn && isKept)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"holds a part of an interrupted stream; {Kept(dataset!)}");
        }

        if (cannotGoOn)
        {
            throw new KvolException(
                ExitStatus.Usage, what,
                    "was exported without a lasting snapshot and cannot be resumed; export a snapshot, VOL@NAME, or leave out --resume");
        }
    }

    /// <summary>How to resume a partly received stream, and how to abandon it: remove a new volume, or use zfs-receive(8) for an
    /// incremental stream.</summary>
    private static string Kept(DatasetStats dataset)
    {
        var name = DatasetName.Last(dataset.Name);
        return $"what was received is kept: 'zfs send -t TOKEN | kvol import --resume {name}' resumes it "
            + $"('kvol inspect {name}' shows the token), "
            + $"'{(dataset.IsPartial ? $"kvol rm {name}" : $"zfs receive -A {dataset.Name}")}' abandons it";
    }

    /// <summary>The dataset that receives an incremental stream; recv_clone_name of module/zfs/dmu_recv.c.</summary>
    private static string PartOf(DatasetStats dataset) => $"{dataset.Name}/%recv";

    /// <summary>Destroys what is kept of an interrupted incremental stream: it depends on a snapshot of the dataset.</summary>
    private void GiveUpPart(DatasetStats dataset)
    {
        if (!dataset.IsPartial && dataset.Text(ResumeToken) is not null)
        {
            try
            {
                zfs.Core.Destroy(PartOf(dataset));
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                // another program abandoned it
            }
        }
    }

    private KvolException Refused(VolumeName name, StreamBegin begin, string what, NativeException e) => e.Failure switch
    {
        Failure.TextBusy => new KvolException(
            ExitStatus.Busy, name.Text, "was changed since the snapshot that this incremental stream starts from (reading counts where "
            + $"atime=on); nothing was imported; '{BackTo(name, begin.From)}' undoes the changes"),
        Failure.NoDevice =>
            new KvolException(ExitStatus.Usage, name.Text,
            "its last snapshot is not the one that this incremental stream starts from; nothing was imported"),
        Failure.NotFound =>
            new KvolException(ExitStatus.Usage, name.Text,
            "does not have the snapshot that this incremental stream starts from; nothing was imported"),
        Failure.Exists =>
            new KvolException(ExitStatus.CannotCreate, name.Text, "has the snapshot of this stream already; nothing was imported"),
        Failure.NotSupported =>
            new KvolException(
                ExitStatus.Unavailable, what, "uses a feature that this host's ZFS or the pool does not have; nothing was imported"),
        Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, name.Text, "the pool, or a quota, is full; nothing was imported"),
        Failure.NotPermitted or Failure.Busy or Failure.ReadOnly or Failure.NameTooLong or Failure.WouldBlock =>
            ZfsErrors.Other(name.Text, e),
        _ => new KvolException(ExitStatus.Damaged, what, "is damaged or ends in the middle; nothing was imported"),
    };

    private string BackTo(VolumeName name, ulong guid)
    {
        var all = Snapshots(name);
        return all.FirstOrDefault(s => s.Guid == guid) is not { } start ? $"kvol rollback {name}@SNAPSHOT"
            : $"kvol rollback {(start == all[^1] ? "" : "-r ")}{start.Name}";
    }
}
