using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Names and descriptors: the *at calls of POSIX.1-2024, FreeBSD flavour. No verb follows a symbolic link in its last component
/// unless it says so. Every descriptor is close-on-exec.</summary>
internal static unsafe partial class Files
{
    /// <summary>The directory that relative administrator's paths start at.</summary>
    public static readonly Fd Here = new(Libc.AT_FDCWD);

    private const int MostInterruptions = 1000;

    /// <summary>mkdirat(2).</summary>
    public static void MakeDirectory(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mkdirat(at.Number, p, (ushort)mode), "mkdirat", at, name);
        }
    }

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
            Check(Libc.mknodat(at.Number, p, (ushort)(type | (int)mode), number), "mknodat", at, name);
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
        Span<byte> buffer = stackalloc byte[Libc.PATH_MAX];
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

    /// <summary>fchmod(2).</summary>
    public static void SetMode(Fd fd, uint mode) => Check(Libc.fchmod(fd.Number, (ushort)mode), "fchmod", fd, ""u8.ToName());

    /// <summary>Whether a symbolic link has a mode that can be chosen: lchmod(2) is there for it.</summary>
    public static bool LinksHaveModes => true;

    /// <summary>fchmodat(2) of a name, the link itself when it is one.</summary>
    public static void SetMode(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchmodat(at.Number, p, (ushort)mode, Libc.AT_SYMLINK_NOFOLLOW), "fchmodat", at, name);
        }
    }

    /// <summary>utimensat(2); an empty name means the open object itself. The time of birth is set by a modification time before it
    /// (kern_utimensat and setutimes, sys/kern/vfs_syscalls.c), so it goes first, as one, where it is the earlier of the two.</summary>
    public static void SetTimes(Fd at, CName name, in FileStatus from)
    {
        var (birth, modify) = (from.BirthTime, from.ModifyTime);
        if (birth.Seconds > 0 && (birth.Seconds, birth.Nanoseconds).CompareTo((modify.Seconds, modify.Nanoseconds)) < 0)
        {
            SetTimes(at, name, from.AccessTime, birth);
        }

        SetTimes(at, name, from.AccessTime, modify);
    }

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
    public static void Sync(Fd fd)
    {
        int result, times = 0;
        do
        {
            result = Libc.fsync(fd.Number);
        }
        while (IsInterrupted(result, ref times));

        Check(result, "fsync", fd, ""u8.ToName());
    }

    /// <summary>sync(2), then fsync(2) of the descriptor; FreeBSD has no syncfs. On ZFS sync(2) commits the intent log of every mounted dataset and
    /// waits for it, so that everything written before is durable. On UFS it starts the writes without waiting, and only the descriptor's own
    /// object is waited for; waiting for all would need an fsync(2) of each file in turn.</summary>
    public static void SyncFileSystem(Fd fd)
    {
        Libc.sync();
        Sync(fd);
    }

    /// <summary>Whether a call was cut off by a signal or, on a file system of a user's program, by that program (EINTR), and is to be made again. After
    /// <see cref="MostInterruptions"/> of them the failure stands: a program that answers nothing else must not keep kvol for ever.</summary>
    public static bool IsInterrupted(long result, ref int times) => result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR && times++ < MostInterruptions;

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
        if (at.Number >= 0 && !name.Bytes.StartsWith("/"u8))
        {
            subject = Sysctl.PathOf(at) is { } path ? path.ToString() + (subject.Length == 0 ? "" : "/" + subject) : subject;
        }

        return new NativeException(call, subject, errno);
    }

    /// <summary>A UTF-8 literal with its terminator: literals have one behind their last byte.</summary>
    public static CName ToName(this ReadOnlySpan<byte> literal) => new(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(literal), literal.Length + 1));

    private static void SetTimes(Fd at, CName name, FileTime access, FileTime modify)
    {
        var times = stackalloc Libc.Timespec[2];
        times[0] = new() { tv_sec = access.Seconds, tv_nsec = access.Nanoseconds };
        times[1] = new() { tv_sec = modify.Seconds, tv_nsec = modify.Nanoseconds };
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
}
