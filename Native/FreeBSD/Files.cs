namespace Kvol.Native;

/// <content>What FreeBSD does in its own way.</content>
internal static unsafe partial class Files
{
    /// <summary>mknodat(2): device or fifo; bindat(2): socket; openat(2): regular file. <paramref name="device"/> as
    /// <see cref="FileStatus.RawDevice"/> gave it.</summary>
    public static void MakeNode(Fd at, CName name, FileKind kind, uint mode, ulong device)
    {
        switch (kind)
        {
            case FileKind.Socket:
                LocalSocket.Make(at, name, mode);
                return;
            case FileKind.Regular:
                CreateNew(at, name, mode).Dispose();
                return;
        }

        var (type, number) = kind switch
        {
            FileKind.CharacterDevice => (Libc.S_IFCHR, device),
            FileKind.BlockDevice => (Libc.S_IFBLK, device),
            FileKind.Fifo => (Libc.S_IFIFO, 0ul), // mknodat(2): EINVAL with any other number
            _ => throw new NativeException("mknodat", name.ToString(), Errno.EINVAL),
        };
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mknodat(at.Number, p, type | mode, number), "mknodat", at, name);
        }
    }

    /// <summary>fchownat(2), the link itself when it is one; an empty name means the open object, fchown(2).</summary>
    public static void SetOwner(Fd at, CName name, uint uid, uint gid)
    {
        if (name.Bytes.IsEmpty)
        {
            Check(Libc.fchown(at.Number, uid, gid), "fchown", at, name);
            return;
        }

        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchownat(at.Number, p, uid, gid, Libc.AT_SYMLINK_NOFOLLOW), "fchownat", at, name);
        }
    }

    /// <summary>Whether the mode of a symbolic link can be set: lchmod(2) does that.</summary>
    public static bool LinksHaveModes => true;

    /// <summary>fchmodat(2) of a name, the link itself when it is one.</summary>
    public static void SetMode(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchmodat(at.Number, p, mode, Libc.AT_SYMLINK_NOFOLLOW), "fchmodat", at, name);
        }
    }

    /// <summary>utimensat(2); an empty name means the open object itself. A modification time before the time of birth sets that too
    /// (kern_utimensat and setutimes, sys/kern/vfs_syscalls.c). So an earlier time of birth is set first, as a modification time.</summary>
    public static void SetTimes(Fd at, CName name, in FileStatus from)
    {
        var (birth, modify) = (from.BirthTime, from.ModifyTime);
        if (birth.Seconds > 0 && (birth.Seconds, birth.Nanoseconds).CompareTo((modify.Seconds, modify.Nanoseconds)) < 0)
        {
            SetTimes(at, name, from.AccessTime, birth);
        }

        SetTimes(at, name, from.AccessTime, modify);
    }

    /// <summary>sync(2), then fsync(2) of the descriptor; FreeBSD has no syncfs. On ZFS sync(2) commits the intent log of every mounted
    /// dataset and waits for it, so that everything written before is durable. On UFS it starts the writes without waiting, and only the
    /// descriptor's own object is waited for; waiting for all would need an fsync(2) of each file in turn.</summary>
    public static void SyncFileSystem(Fd fd)
    {
        Libc.sync();
        Sync(fd);
    }

    private static ByteString? KnownPathOf(Fd fd) => Sysctl.PathOf(fd);
}
