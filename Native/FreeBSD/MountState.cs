namespace Kvol.Native;

/// <summary>The options of the mount that an open object is seen through: fstatfs(2).</summary>
internal static unsafe class MountState
{
    /// <summary>Its options.</summary>
    public static MountFlags FlagsOf(Fd fd)
    {
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(fd.Number, &s), "fstatfs", fd, ""u8.ToName());
        return ((s.f_flags & Libc.MNT_RDONLY) != 0 ? MountFlags.ReadOnly : 0)
            | ((s.f_flags & Libc.MNT_NOSUID) != 0 ? MountFlags.NoSuid : 0)
            | ((s.f_flags & Libc.MNT_NOEXEC) != 0 ? MountFlags.NoExec : 0)
            | ((s.f_flags & Libc.MNT_NOATIME) != 0 ? MountFlags.NoAccessTime : 0);
    }
}
