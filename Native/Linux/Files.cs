using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Names and descriptors: the *at calls of POSIX.1-2024, Linux flavour. No verb follows a symbolic link in its last component
/// unless it says so. Every descriptor is close-on-exec.</summary>
internal static unsafe partial class Files
{
    /// <summary>The directory that relative administrator's paths start at.</summary>
    public static readonly Fd Here = new(Libc.AT_FDCWD);

    /// <summary>statx(2) of the open object.</summary>
    public static FileStatus Status(Fd fd) => Status(fd, ""u8.ToName());

    /// <summary>statx(2) of a name, the link itself when it is one.</summary>
    public static FileStatus Status(Fd at, CName name)
    {
        Libc.Statx s;
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.statx(at.Number, p, Libc.AT_EMPTY_PATH | Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS | Libc.STATX_BTIME | Libc.STATX_MNT_ID, &s), "statx", at, name);
        }

        return new FileStatus(
            Kind(s.stx_mode), s.stx_mode & 0xfffu, s.stx_uid, s.stx_gid, new FileIdentity(Device(s.stx_dev_major, s.stx_dev_minor), s.stx_ino),
            s.stx_nlink, (long)s.stx_size, (long)s.stx_blocks * 512, Time(s.stx_atime), Time(s.stx_mtime), Time(s.stx_btime),
            Device(s.stx_rdev_major, s.stx_rdev_minor), s.stx_mnt_id, (s.stx_attributes & Libc.STATX_ATTR_MOUNT_ROOT) != 0) { ChangeTime = Time(s.stx_ctime) };
    }

    /// <summary>statx(2) of the open object when the path is empty, else of what the path leads to; a link at its end is not followed.</summary>
    public static FilePlace Place(Fd at, CName path)
    {
        Libc.Statx s;
        fixed (byte* p = path.Terminated)
        {
            Check(Libc.statx(at.Number, p, Libc.AT_EMPTY_PATH | Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_INO | Libc.STATX_MNT_ID, &s), "statx", at, path);
        }

        return new FilePlace(new FileIdentity(Device(s.stx_dev_major, s.stx_dev_minor), s.stx_ino), s.stx_mnt_id);
    }

    /// <summary>Whether the name is there, or a path; any other failure is thrown.</summary>
    public static bool Exists(Fd at, CName name)
    {
        Libc.Statx s;
        fixed (byte* p = name.Terminated)
        {
            var result = Libc.statx(at.Number, p, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &s);
            var there = result == 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) is not (Failure.NotFound or Failure.NotDirectory); // not by an exception: absence is the rule
            Check(there ? result : 0, "statx", at, name);
            return there;
        }
    }

    /// <summary>mkdirat(2).</summary>
    public static void MakeDirectory(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mkdirat(at.Number, p, mode), "mkdirat", at, name);
        }
    }

    /// <summary>mknodat(2): device, fifo or socket. <paramref name="device"/> as <see cref="FileStatus.RawDevice"/> gave it.</summary>
    public static void MakeNode(Fd at, CName name, FileKind kind, uint mode, ulong device)
    {
        var type = kind switch
        {
            FileKind.CharacterDevice => 0x2000u,
            FileKind.BlockDevice => 0x6000u,
            FileKind.Fifo => 0x1000u,
            FileKind.Socket => 0xc000u,
            _ => 0x8000u,
        };
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mknodat(at.Number, p, type | mode, device), "mknodat", at, name);
        }
    }

    /// <summary>symlinkat(2); the target goes in verbatim.</summary>
    public static void MakeSymbolicLink(CName target, Fd at, CName name)
    {
        fixed (byte* t = target.Terminated, p = name.Terminated)
        {
            Check(Libc.symlinkat(t, at.Number, p), "symlinkat", at, name);
        }
    }

    /// <summary>readlinkat(2).</summary>
    public static ByteString ReadSymbolicLink(Fd at, CName name)
    {
        Span<byte> buffer = stackalloc byte[4096];
        fixed (byte* p = name.Terminated, b = buffer)
        {
            var length = Libc.readlinkat(at.Number, p, b, (nuint)buffer.Length);
            Check(length, "readlinkat", at, name);
            return new ByteString(buffer[..(int)length]);
        }
    }

    /// <summary>linkat(2), the link itself when <paramref name="oldName"/> is one.</summary>
    public static void MakeHardLink(Fd oldAt, CName oldName, Fd at, CName name)
    {
        fixed (byte* o = oldName.Terminated, p = name.Terminated)
        {
            Check(Libc.linkat(oldAt.Number, o, at.Number, p, 0), "linkat", at, name);
        }
    }

    /// <summary>unlinkat(2) of anything but a directory.</summary>
    public static void Remove(Fd at, CName name)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.unlinkat(at.Number, p, 0), "unlinkat", at, name);
        }
    }

    /// <summary>unlinkat(2) of an empty directory.</summary>
    public static void RemoveDirectory(Fd at, CName name)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.unlinkat(at.Number, p, Libc.AT_REMOVEDIR), "rmdir", at, name);
        }
    }

    /// <summary>renameat(2): replaces a file, or an empty directory by a directory.</summary>
    public static void Rename(Fd oldAt, CName oldName, Fd at, CName name)
    {
        fixed (byte* o = oldName.Terminated, p = name.Terminated)
        {
            Check(Libc.renameat(oldAt.Number, o, at.Number, p), "renameat", at, name);
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

    /// <summary>fchmod(2).</summary>
    public static void SetMode(Fd fd, uint mode) => Check(Libc.fchmod(fd.Number, mode), "fchmod", fd, ""u8.ToName());

    /// <summary>fchmodat(2) of a name that the caller knows not to be a link.</summary>
    public static void SetMode(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchmodat(at.Number, p, mode, 0), "fchmodat", at, name);
        }
    }

    /// <summary>utimensat(2); an empty name means the open object itself. Linux cannot set the time of birth.</summary>
    public static void SetTimes(Fd at, CName name, in FileStatus from)
    {
        var times = stackalloc Libc.Timespec[2];
        times[0] = new() { tv_sec = from.AccessTime.Seconds, tv_nsec = from.AccessTime.Nanoseconds };
        times[1] = new() { tv_sec = from.ModifyTime.Seconds, tv_nsec = from.ModifyTime.Nanoseconds };
        if (name.Bytes.IsEmpty)
        {
            Check(Libc.futimens(at.Number, times), "futimens", at, name);
            return;
        }

        fixed (byte* p = name.Terminated)
        {
            Check(Libc.utimensat(at.Number, p, times, Libc.AT_SYMLINK_NOFOLLOW), "utimensat", at, name);
        }
    }

    /// <summary>The path of an open object as this process sees it now; " (deleted)" follows when it has none. For display and for looking up mounts.</summary>
    public static ByteString PathOf(Fd fd) => ReadSymbolicLink(Here, new ByteString($"/proc/self/fd/{fd.Number}"));

    /// <summary>flock(2), exclusive. False when <paramref name="wait"/> is false and another process holds it.</summary>
    public static bool Lock(Fd fd, bool wait)
    {
        while (Libc.flock(fd.Number, Libc.LOCK_EX | (wait ? 0 : Libc.LOCK_NB)) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
            {
                continue;
            }

            return Errno.Meaning(errno) == Failure.WouldBlock ? false : throw Failed("flock", fd, ""u8.ToName(), errno);
        }

        return true;
    }

    /// <summary>fsync(2).</summary>
    public static void Sync(Fd fd) => Check(Libc.fsync(fd.Number), "fsync", fd, ""u8.ToName());

    /// <summary>syncfs(2): everything written to this file system before is durable afterwards; write errors since the descriptor was opened are reported (Linux 5.8).</summary>
    public static void SyncFileSystem(Fd fd) => Check(Libc.syncfs(fd.Number), "syncfs", fd, ""u8.ToName());

    /// <summary>Throws when <paramref name="result"/> is negative, with errno.</summary>
    public static void Check(long result, string call, Fd at, CName name)
    {
        if (result < 0)
        {
            throw Failed(call, at, name, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The exception of a failed call, its subject a whole path where the kernel still knows one.</summary>
    public static NativeException Failed(string call, Fd at, CName name, int errno)
    {
        var subject = name.ToString();
        if (at.Number >= 0 && !name.Bytes.StartsWith("/"u8) && call != "readlinkat")
        {
            var link = new ByteString($"/proc/self/fd/{at.Number}");
            Span<byte> buffer = stackalloc byte[4096];
            fixed (byte* p = ((CName)link).Terminated, b = buffer)
            {
                var length = Libc.readlinkat(Libc.AT_FDCWD, p, b, (nuint)buffer.Length);
                subject = length <= 0 ? subject : ByteString.Display(buffer[..(int)length]) + (subject.Length == 0 ? "" : "/" + subject);
            }
        }

        return new NativeException(call, subject, errno);
    }

    /// <summary>A UTF-8 literal with its terminator: literals have one behind their last byte.</summary>
    public static CName ToName(this ReadOnlySpan<byte> literal) => new(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(literal), literal.Length + 1));

    private static FileKind Kind(uint mode) => (mode & 0xf000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Directory,
        0xa000 => FileKind.SymbolicLink,
        0x2000 => FileKind.CharacterDevice,
        0x6000 => FileKind.BlockDevice,
        0x1000 => FileKind.Fifo,
        0xc000 => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    private static FileTime Time(in Libc.StatxTime time) => new(time.tv_sec, time.tv_nsec);

    // gnu_dev_makedev(3): glibc's dev_t
    private static ulong Device(ulong major, ulong minor) =>
        ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffffff00) << 12) | (minor & 0xff);
}
