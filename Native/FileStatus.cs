namespace Kvol.Native;

/// <summary>The type of a file.</summary>
internal enum FileKind
{
    Unknown, Regular, Directory, SymbolicLink, CharacterDevice, BlockDevice, Fifo, Socket,
}

/// <summary>A time to the nanosecond, as struct timespec.</summary>
internal readonly record struct FileTime(long Seconds, long Nanoseconds);

/// <summary>Which object it is, as long as the system runs.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>An object and the mount it is seen through: two descriptors of one directory have the same one, and nothing else has
/// it.</summary>
internal readonly record struct FilePlace(FileIdentity Identity, ulong Mount);

/// <summary>What stat(2) says, and which mount it was seen through.</summary>
internal readonly record struct FileStatus(
    FileKind Kind, uint Mode, uint Uid, uint Gid, FileIdentity Identity, ulong Links, long Size, long AllocatedBytes,
    FileTime AccessTime, FileTime ModifyTime, FileTime BirthTime, ulong RawDevice, ulong MountId, bool IsMountRoot)
{
    /// <summary>When anything of it was changed last; no process can set it.</summary>
    public FileTime ChangeTime { get; init; }

    public bool IsDirectory => Kind == FileKind.Directory;

    /// <summary>Whether a regular file may have holes. More allocated than the length needs is space kept behind the end, which says
    /// nothing of holes before it.</summary>
    public bool HasHoles => AllocatedBytes < Size || AllocatedBytes > ((Size + 4095) & ~4095L);
}
