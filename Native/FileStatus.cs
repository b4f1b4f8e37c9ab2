namespace Kvol.Native;

/// <summary>The type of a file.</summary>
internal enum FileKind
{
    Unknown, Regular, Directory, SymbolicLink, CharacterDevice, BlockDevice, Fifo, Socket,
}

/// <summary>A time to the nanosecond, as struct timespec.</summary>
internal readonly record struct FileTime(long Seconds, long Nanoseconds);

/// <summary>Identifies an object until the next boot.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>Identifies an object and the mount it is seen through: equal for two descriptors of one directory, and for nothing
/// else.</summary>
internal readonly record struct FilePlace(FileIdentity Identity, ulong Mount);

/// <summary>What stat(2) says, and which mount it was seen through.</summary>
internal readonly record struct FileStatus(
    FileKind Kind, uint Mode, uint Uid, uint Gid, FileIdentity Identity, ulong Links, long Size, long AllocatedBytes,
    FileTime AccessTime, FileTime ModifyTime, FileTime BirthTime, ulong RawDevice, ulong MountId, bool IsMountRoot)
{
    /// <summary>When its content or metadata last changed; no process can set it.</summary>
    public FileTime ChangeTime { get; init; }

    public bool IsDirectory => Kind == FileKind.Directory;

    /// <summary>Whether a regular file may have holes. A file with more space than its length needs has some reserved behind its end, and
    /// may still have holes before it.</summary>
    public bool HasHoles => AllocatedBytes < Size || AllocatedBytes > ((Size + 4095) & ~4095L);
}
