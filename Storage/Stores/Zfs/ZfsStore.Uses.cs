using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The records of last uses: <c>.kvol/used</c> in the dataset above the volumes, beside the records of mount points. A property
/// would need a transaction of the pool for each use. Where that dataset is not mounted, nothing is recorded.</summary>
internal sealed partial class ZfsStore
{
    public Fd OpenUses(bool create)
    {
        using var home = DatasetMounts.OpenHome(mounts.HomeOf(above));
        using var own = home.IsOpen ? OwnDirectory.Open(home, OwnName, upkeep, create) : Fd.None;
        return own.IsOpen ? OwnDirectory.Open(own, UseRecords.Name, upkeep, create) : Fd.None;
    }

    public FileStatus? FindUse(VolumeName name) => mounts.HomeOf(above) is not { } home ? null
        : UseRecords.Status(Files.Here, home.Target.Plus(new ByteString($"/{OwnName}/{UseRecords.Name}/{name}")));
}
