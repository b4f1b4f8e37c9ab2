using System;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Announces what only a ZFS store does. <paramref name="received"/> is called with a volume that a stream makes.</summary>
internal sealed class PlannedDatasets(ZfsStore store, Plan plan, Action<VolumeName> received) : IVolumeKeys, IVolumeStreams
{
    public void LoadKey(VolumeName name, string? file) => store.PlanLoadingKey(plan, name, file);

    public void UnloadKey(VolumeName name) => store.PlanUnloadingKey(plan, name);

    public VolumeStream OpenStream(VolumeName name, SnapshotName? snapshot, SnapshotName? since, bool raw)
    {
        store.PlanStream(plan, name, snapshot, since);
        return new VolumeStream(_ => { }, () => { });
    }

    public SeedRecord Receive(VolumeName name, NewVolume? wanted, StreamBegin begin, bool keep, string what, Action<Action<Fd>> feed,
        CopyReport report)
    {
        store.PlanReceiving(plan, name, wanted, begin, keep, what);
        if (wanted is not null)
        {
            received(name);
        }

        return new SeedRecord("", DateTimeOffset.UtcNow, 0, 0, []);
    }
}
