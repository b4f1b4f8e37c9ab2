using System;

namespace Kvol.Native;

/// <content>What FreeBSD does differently.</content>
internal static unsafe partial class Content
{
    /// <summary>-1: there is no such call.</summary>
    public static long Splice(Fd pipe, Fd to, long length) => -1;

    /// <summary>Whether copy_file_range(2) may share blocks without reporting it: on ZFS, zfs_freebsd_copy_file_range (OpenZFS
    /// 2.2).</summary>
    public static bool ClonesByItself(Fd directory)
    {
        Libc.Statfs s;
        FileSystem.Read(directory, &s);
        return new ReadOnlySpan<byte>(s.f_fstypename, Libc.MFSNAMELEN).StartsWith("zfs\0"u8);
    }

    /// <summary>False: 13.5 has no call that clones or fails. Where the file system can share blocks (OpenZFS 2.2), copy_file_range(2) does
    /// it by itself.</summary>
    public static bool CanClone => false;

    /// <summary>False, as <see cref="CanClone"/>.</summary>
    public static bool Clone(Fd from, Fd to) => false;

    // The errors of lseek(2) on a file system without holes.
    private static bool KnowsNoHoles(int errno) => errno is Errno.ENOTTY or Errno.EINVAL;
}
