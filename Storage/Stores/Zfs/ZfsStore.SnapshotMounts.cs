using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>Snapshots that are mounted.</content>
internal sealed partial class ZfsStore
{
    public SnapshotContent OpenContent(SnapshotName name)
    {
        var dataset = Stats(name.Volume) ?? throw Refusals.NoSuchVolume(name.Volume);
        RequireWhole(name);
        using var home = OpenTop(name.Volume);
        try
        {
            var directory = KernelMounts.OpenSnapshot(new ByteString(DatasetOf(name)), home, out var mount, out var origin);
            return new SnapshotContent(directory, mount, origin, MountFlags.ReadOnly
                | (KernelMounts.DatasetsKnowTheirOptions ? MountFlags.None : Mountpoint.Options(dataset)));
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Mounting(DatasetOf(name), e);
        }
    }
}
