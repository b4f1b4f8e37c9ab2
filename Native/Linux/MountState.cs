namespace Kvol.Native;

/// <summary>The options of the mount that an open object is seen through: fstatfs(2).</summary>
internal static unsafe class MountState
{
    /// <summary>Its options, together with those of the file system itself: a file system that is read-only makes every mount of it
    /// so.</summary>
    public static MountFlags FlagsOf(Fd fd)
    {
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(fd.Number, &s), "fstatfs", fd);
        return ((s.f_flags & Libc.ST_RDONLY) != 0 ? MountFlags.ReadOnly : 0)
            | ((s.f_flags & Libc.ST_NOSUID) != 0 ? MountFlags.NoSuid : 0)
            | ((s.f_flags & Libc.ST_NOEXEC) != 0 ? MountFlags.NoExec : 0)
            | ((s.f_flags & Libc.ST_NOATIME) != 0 ? MountFlags.NoAccessTime : 0);
    }
}
