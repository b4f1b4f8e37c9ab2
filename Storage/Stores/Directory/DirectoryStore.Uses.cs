using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The records of last uses: <c>used</c> in the store.</summary>
internal sealed partial class DirectoryStore
{
    public Fd OpenUses(bool create) => OwnDirectory.Open(directory, UseRecords.Name, upkeep, create);

    public FileStatus? FindUse(VolumeName name) => UseRecords.Status(directory, new ByteString($"{UseRecords.Name}/{name}"));
}
