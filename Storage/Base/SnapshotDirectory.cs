using System;
using Kvol.Native;

namespace Kvol.Storage.Base;

/// <summary>The directory <c>.zfs</c> at the top of a dataset, which snapdir=visible shows: no content, and not to be copied.</summary>
internal static class SnapshotDirectory
{
    /// <summary>Whether an entry is one; a file of that name elsewhere is not.</summary>
    public static bool Is(Fd directory, CName name) =>
        name.Bytes.SequenceEqual(".zfs"u8) && Files.Status(directory, name).Identity.Inode == Host.SnapshotDirectoryInode;
}
