using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Names and descriptors: the *at calls of POSIX.1-2024. No verb follows a symbolic link in its last component unless it says so.
/// Every descriptor is close-on-exec.</summary>
internal static unsafe partial class Files
{
    /// <summary>The directory at which the administrator's relative paths start.</summary>
    public static readonly Fd Here = new(Libc.AT_FDCWD);

    private const int MostInterruptions = 1000;

    /// <summary>mkdirat(2).</summary>
    public static void MakeDirectory(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mkdirat(at.Number, p, mode), "mkdirat", at, name);
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
            nint length;
            var times = 0;
            do
            {
                length = Libc.readlinkat(at.Number, p, b, (nuint)buffer.Length);
            }
            while (IsInterrupted(length, ref times));

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

    /// <summary>fchmod(2).</summary>
    public static void SetMode(Fd fd, uint mode) => Check(Libc.fchmod(fd.Number, mode), "fchmod", fd);

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

            return Errno.Meaning(errno) == Failure.WouldBlock ? false : throw Failed("flock", fd, errno);
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

        Check(result, "fsync", fd);
    }

    /// <summary>Whether a call must be repeated because a signal interrupted it or, on a user-space file system, its program did (EINTR).
    /// After <see cref="MostInterruptions"/> interruptions the failure stands: a program that always answers EINTR must not block kvol for
    /// ever.</summary>
    public static bool IsInterrupted(long result, ref int times) =>
        result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR && times++ < MostInterruptions;

    /// <summary>Throws EROFS if the file system of a directory is mounted read-only, statfs(2).</summary>
    public static void RequireWritable(Fd directory)
    {
        if (MountState.FlagsOf(directory).HasFlag(MountFlags.ReadOnly))
        {
            throw Failed("fstatfs", directory, Errno.EROFS);
        }
    }

    /// <summary>Throws when <paramref name="result"/> is negative, with errno.</summary>
    public static void Check(long result, string call, Fd at, CName name)
    {
        if (result < 0)
        {
            throw Failed(call, at, name, Marshal.GetLastPInvokeError());
        }
    }

    /// <inheritdoc cref="Check(long, string, Fd, CName)"/>
    public static void Check(long result, string call, Fd fd) => Check(result, call, fd, CName.Empty);

    /// <summary>The exception for a failed call; its subject is a full path where the kernel still knows one.</summary>
    public static NativeException Failed(string call, Fd at, CName name, int errno)
    {
        var subject = name.ToString();
        if (at.Number >= 0 && !name.Bytes.StartsWith("/"u8) && KnownPathOf(at) is { } path)
        {
            subject = path.ToString() + (subject.Length == 0 ? "" : "/" + subject);
        }

        return new NativeException(call, subject, errno);
    }

    /// <inheritdoc cref="Failed(string, Fd, CName, int)"/>
    public static NativeException Failed(string call, Fd fd, int errno) => Failed(call, fd, CName.Empty, errno);

    /// <summary>The type in st_mode of stat(2).</summary>
    internal static FileKind Kind(uint mode) => (mode & Libc.S_IFMT) switch
    {
        Libc.S_IFREG => FileKind.Regular,
        Libc.S_IFDIR => FileKind.Directory,
        Libc.S_IFLNK => FileKind.SymbolicLink,
        Libc.S_IFCHR => FileKind.CharacterDevice,
        Libc.S_IFBLK => FileKind.BlockDevice,
        Libc.S_IFIFO => FileKind.Fifo,
        Libc.S_IFSOCK => FileKind.Socket,
        _ => FileKind.Unknown,
    };

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
