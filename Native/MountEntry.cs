using System;

namespace Kvol.Native;

/// <summary>Options of a mount that kvol sets and reads back, except <see cref="NoCache"/>, which the kernel does not tell.
/// <see cref="IdMapped"/>: it shows other owners than its files have, as a user namespace maps them; no word of a SPEC sets it
/// alone.</summary>
[Flags]
internal enum MountFlags
{
    None = 0, ReadOnly = 1, NoSuid = 2, NoExec = 4, NoAccessTime = 8, NoDevices = 16, NoCache = 32, IdMapped = 64,
}

/// <summary>One row of the mount table. <paramref name="Origin"/> identifies the source: it is equal in two rows of one source.
/// <paramref name="Source"/> names the source for people, by a path of this host where there is one. <paramref name="Dataset"/> is the ZFS
/// dataset or snapshot whose content the mount shows, or null.</summary>
internal sealed record MountEntry(
    ulong Id, ulong ParentId, ByteString Target, ByteString Origin, ByteString Source, string FileSystem, MountFlags Flags,
        bool SourceDeleted,
    ByteString? Dataset)
{
    /// <summary>The number of a mount that was looked at alone, which no other mount of this boot ever has; 0 in a table that was read as a
    /// whole. The source of such a row is the device alone, see <see cref="MountTable.SourceOf"/>.</summary>
    public ulong UniqueId { get; init; }

    /// <summary>Whether a whole dataset is mounted here, not a bind or nullfs of a part: its row names no path inside a device (Linux), or
    /// only its own place (FreeBSD).</summary>
    public bool IsWholeDataset => FileSystem == "zfs" && (Origin.Equals(Target) || !Origin.Bytes.Contains((byte)'/'));
}
