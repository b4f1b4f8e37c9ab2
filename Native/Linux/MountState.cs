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
            | ((s.f_flags & Libc.ST_NODEV) != 0 ? MountFlags.NoDevices : 0)
            | ((s.f_flags & Libc.ST_NOEXEC) != 0 ? MountFlags.NoExec : 0)
            | ((s.f_flags & Libc.ST_NOATIME) != 0 ? MountFlags.NoAccessTime : 0);
    }

    /// <summary>The place that the mount table shows for the mount that an open mount point belongs to: the path of the mount point now,
    /// proc_pid_mountinfo(5).</summary>
    public static ByteString PlaceOf(Fd fd) => Files.PathOf(fd);

    /// <summary>The number of the mount that an open object is seen through, which no other mount of this boot ever has:
    /// STATX_MNT_ID_UNIQUE of statx(2). 0 where the kernel does not tell, before Linux 6.8.</summary>
    public static ulong UniqueId(Fd fd)
    {
        Libc.Statx s;
        fixed (byte* p = "\0"u8)
        {
            return Libc.statx(fd.Number, p, Libc.AT_EMPTY_PATH | Libc.AT_STATX_DONT_SYNC, Libc.STATX_MNT_ID_UNIQUE, &s) == 0
                && (s.stx_mask & Libc.STATX_MNT_ID_UNIQUE) != 0 ? s.stx_mnt_id : 0;
        }
    }

    /// <summary>Whether the mount with that number has this id now, wherever its place was moved: statmount(2).</summary>
    public static bool IsMount(ulong uniqueId, ulong id)
    {
        var request = new Libc.MountIdRequest
        {
            size = (uint)sizeof(Libc.MountIdRequest),
            mnt_id = uniqueId,
            param = Libc.STATMOUNT_MNT_BASIC
        };
        var buffer = stackalloc byte[1024];
        return uniqueId != 0 && Libc.statmount(&request, buffer, 1024, 0) == 0 && ((Libc.StatMount*)buffer)->mnt_id_old == id;
    }
}
