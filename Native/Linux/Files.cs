using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>What Linux does in its own way.</content>
internal static unsafe partial class Files
{
    /// <summary>statx(2) of the open object.</summary>
    public static FileStatus Status(Fd fd) => Status(fd, CName.Empty);

    /// <summary>statx(2) of a name, the link itself when it is one.</summary>
    public static FileStatus Status(Fd at, CName name)
    {
        Libc.Statx s;
        fixed (byte* p = name.Terminated)
        {
            int result, times = 0;
            do
            {
                result = Libc.statx(at.Number, p, Libc.AT_EMPTY_PATH | Libc.AT_SYMLINK_NOFOLLOW,
                    Libc.STATX_BASIC_STATS | Libc.STATX_BTIME | Libc.STATX_MNT_ID, &s);
            }
            while (IsInterrupted(result, ref times));

            Check(result, "statx", at, name);
        }

        return new FileStatus(
            Kind(s.stx_mode), s.stx_mode & ~Libc.S_IFMT, s.stx_uid, s.stx_gid,
                new FileIdentity(DeviceNumber.Make(s.stx_dev_major, s.stx_dev_minor), s.stx_ino),
            s.stx_nlink, (long)s.stx_size, (long)s.stx_blocks * 512, Time(s.stx_atime), Time(s.stx_mtime), Time(s.stx_btime),
            DeviceNumber.Make(s.stx_rdev_major, s.stx_rdev_minor), s.stx_mnt_id, (s.stx_attributes & Libc.STATX_ATTR_MOUNT_ROOT) != 0)
        {
            ChangeTime = Time(s.stx_ctime),
        };
    }

    /// <summary>statx(2) of the open object when the path is empty, else of what the path leads to; a link at its end is not
    /// followed.</summary>
    public static FilePlace Place(Fd at, CName path)
    {
        Libc.Statx s;
        fixed (byte* p = path.Terminated)
        {
            Check(Libc.statx(at.Number, p, Libc.AT_EMPTY_PATH | Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_INO | Libc.STATX_MNT_ID, &s), "statx",
                at, path);
        }

        return new FilePlace(new FileIdentity(DeviceNumber.Make(s.stx_dev_major, s.stx_dev_minor), s.stx_ino), s.stx_mnt_id);
    }

    /// <summary>Whether a name or path exists; throws on any other failure.</summary>
    public static bool Exists(Fd at, CName name)
    {
        Libc.Statx s;
        fixed (byte* p = name.Terminated)
        {
            var result = Libc.statx(at.Number, p, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &s);
            // no exception: absence is the usual case
            var there = result == 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) is not (Failure.NotFound or Failure.NotDirectory);
            Check(there ? result : 0, "statx", at, name);
            return there;
        }
    }

    /// <summary>mknodat(2): device, fifo or socket. <paramref name="device"/> as <see cref="FileStatus.RawDevice"/> gave it.</summary>
    public static void MakeNode(Fd at, CName name, FileKind kind, uint mode, ulong device)
    {
        var type = kind switch
        {
            FileKind.CharacterDevice => Libc.S_IFCHR,
            FileKind.BlockDevice => Libc.S_IFBLK,
            FileKind.Fifo => Libc.S_IFIFO,
            FileKind.Socket => Libc.S_IFSOCK,
            _ => Libc.S_IFREG,
        };
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mknodat(at.Number, p, type | mode, device), "mknodat", at, name);
        }
    }

    /// <summary>fchownat(2); an empty name means the open object itself.</summary>
    public static void SetOwner(Fd at, CName name, uint uid, uint gid)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchownat(at.Number, p, uid, gid, Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_EMPTY_PATH), "fchownat", at, name);
        }
    }

    /// <summary>Whether the mode of a symbolic link can be set: on Linux it is always 0777, and the kernel ignores it
    /// (symlink(7)).</summary>
    public static bool LinksHaveModes => false;

    /// <summary>fchmodat(2) of a name that the caller knows not to be a link.</summary>
    public static void SetMode(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchmodat(at.Number, p, mode, 0), "fchmodat", at, name);
        }
    }

    /// <summary>utimensat(2); an empty name means the open object itself. Linux cannot set the time of birth.</summary>
    public static void SetTimes(Fd at, CName name, in FileStatus from) => SetTimes(at, name, from.AccessTime, from.ModifyTime);

    /// <summary>The path of an open object as this process sees it now; " (deleted)" follows when it has none. For display and for looking
    /// up mounts.</summary>
    public static ByteString PathOf(Fd fd)
    {
        try
        {
            return ReadSymbolicLink(Here, LinkTo(fd));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            throw NativeException.NoProc(e); // an open descriptor always has a link there
        }
    }

    /// <summary>A file of proc(5) that the kernel always has.</summary>
    public static byte[] ReadProc(string path)
    {
        try
        {
            return SmallFile.Read(new ByteString(path));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            throw NativeException.NoProc(e);
        }
    }

    /// <summary>syncfs(2): everything written to this file system before is durable afterwards; write errors since the descriptor was
    /// opened are reported (Linux 5.8).</summary>
    public static void SyncFileSystem(Fd fd) => Check(Libc.syncfs(fd.Number), "syncfs", fd);

    private static FileTime Time(in Libc.StatxTime time) => new(time.tv_sec, time.tv_nsec);

    // readlink(2) of /proc/self/fd; null where it fails.
    private static ByteString? KnownPathOf(Fd fd)
    {
        Span<byte> buffer = stackalloc byte[Libc.PATH_MAX];
        fixed (byte* p = LinkTo(fd).Terminated, b = buffer)
        {
            var length = Libc.readlinkat(Libc.AT_FDCWD, p, b, (nuint)buffer.Length);
            return length <= 0 ? null : new ByteString(buffer[..(int)length]);
        }
    }

    private static ByteString LinkTo(Fd fd) => new($"/proc/self/fd/{fd.Number}");
}
