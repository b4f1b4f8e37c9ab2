using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Names and descriptors: the *at calls of POSIX.1-2024, FreeBSD flavour. No verb follows a symbolic link in its last component
/// unless it says so. Every descriptor is close-on-exec.</summary>
internal static unsafe class Files
{
    /// <summary>The directory that relative administrator's paths start at.</summary>
    public static readonly Fd Here = new(Libc.AT_FDCWD);

    /// <summary>open(2) of the administrator's own path, links followed. Directory to read.</summary>
    public static Fd OpenDirectory(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "open");

    /// <summary>openat(2) of a directory to read; a link is <see cref="Failure.NotDirectory"/>.</summary>
    public static Fd OpenDirectory(Fd at, CName name)
    {
        try
        {
            return Open(at, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, 0, "openat");
        }
        catch (NativeException e) when (e.Failure == Failure.Loop)
        {
            throw Failed("openat", at, name, Errno.ENOTDIR); // open(2): of the two reasons, EMLINK comes first here
        }
    }

    /// <summary>A second descriptor of the same directory, with its own read position.</summary>
    public static Fd Reopen(Fd directory) => Open(directory, "."u8.ToName(), Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "openat");

    /// <summary>open(2) of the administrator's own path as a mere reference (O_PATH), links followed.</summary>
    public static Fd OpenReference(CName path) => Open(Here, path, Libc.O_PATH, 0, "open");

    /// <summary>openat(2) of whatever it is as a mere reference; a link is opened itself.</summary>
    public static Fd OpenReference(Fd at, CName name) => Open(at, name, Libc.O_PATH | Libc.O_NOFOLLOW, 0, "openat");

    /// <summary>A regular file to read; never waits on a fifo, never follows a link, by open(2), which cannot leave the access time alone here.</summary>
    public static Fd OpenRead(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "openat");

    /// <summary>open(2) of the administrator's own file to read, links followed.</summary>
    public static Fd OpenRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open");

    /// <summary>A new regular file to write; <see cref="Failure.Exists"/> when anything has the name.</summary>
    public static Fd CreateNew(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>A regular file to read and write, made when it is not there.</summary>
    public static Fd OpenOrCreate(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>close(2).</summary>
    public static void Close(Fd fd) => _ = Libc.close(fd.Number);

    /// <summary>fstat(2) and fstatfs(2) of the open object.</summary>
    public static FileStatus Status(Fd fd) => FileSystem.Status(fd, null);

    /// <summary>fstat(2) and fstatfs(2) of a name, the link itself when it is one. By a descriptor in between, because the identity of a
    /// mount is had by descriptor or by following.</summary>
    public static FileStatus Status(Fd at, CName name)
    {
        if (name.Bytes.IsEmpty)
        {
            return Status(at);
        }

        using var fd = OpenReference(at, name);
        return FileSystem.Status(fd, at.IsOpen && !name.Bytes.Contains((byte)'/') ? FileSystem.Id(at) : null);
    }

    /// <summary>Whether the name is there; any other failure is thrown.</summary>
    public static bool Exists(Fd at, CName name)
    {
        try
        {
            _ = Status(at, name);
            return true;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    /// <summary>mkdirat(2).</summary>
    public static void MakeDirectory(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mkdirat(at.Number, p, (ushort)mode), "mkdirat", at, name);
        }
    }

    /// <summary>mknodat(2): device or fifo; bindat(2): socket. <paramref name="device"/> as <see cref="FileStatus.RawDevice"/> gave it.</summary>
    public static void MakeNode(Fd at, CName name, FileKind kind, uint mode, ulong device)
    {
        if (kind == FileKind.Socket)
        {
            LocalSocket.Make(at, name, mode);
            return;
        }

        var (type, number) = kind switch
        {
            FileKind.CharacterDevice => (0x2000u, device),
            FileKind.BlockDevice => (0x6000u, device),
            FileKind.Fifo => (0x1000u, 0ul), // mknodat(2): EINVAL with any other number
            _ => throw new NativeException("mknodat", name.ToString(), Errno.EINVAL),
        };
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.mknodat(at.Number, p, (ushort)(type | mode), number), "mknodat", at, name);
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
            Check(Libc.fchownat(at.Number, p, uid, gid, name.Bytes.IsEmpty ? Libc.AT_EMPTY_PATH : Libc.AT_SYMLINK_NOFOLLOW), "fchownat", at, name);
        }
    }

    /// <summary>fchmod(2).</summary>
    public static void SetMode(Fd fd, uint mode) => Check(Libc.fchmod(fd.Number, (ushort)mode), "fchmod", fd, ""u8.ToName());

    /// <summary>fchmodat(2) of a name, the link itself when it is one.</summary>
    public static void SetMode(Fd at, CName name, uint mode)
    {
        fixed (byte* p = name.Terminated)
        {
            Check(Libc.fchmodat(at.Number, p, (ushort)mode, Libc.AT_SYMLINK_NOFOLLOW), "fchmodat", at, name);
        }
    }

    /// <summary>utimensat(2); an empty name means the open object itself. A modification time before the time of birth takes that back with it,
    /// so the time of birth is set first, as one.</summary>
    public static void SetTimes(Fd at, CName name, in FileStatus from)
    {
        if (from.BirthTime.Seconds > 0)
        {
            SetTimes(at, name, from.AccessTime, from.BirthTime);
        }

        SetTimes(at, name, from.AccessTime, from.ModifyTime);
    }

    /// <summary>The path of an open object as this process sees it now, by the sysctl(3) kern.proc.filedesc. For display and for looking up
    /// mounts. This libc has no __realpathat, fcntl(2) F_KINFO is younger than 13.0, and getcwd(3) knows directories alone and would move
    /// the working directory of every thread.</summary>
    public static ByteString PathOf(Fd fd) =>
        Sysctl.PathOf(fd) ?? throw new NativeException("kern.proc.filedesc", $"descriptor {fd.Number}", Errno.ENOENT, "the kernel knows no path of it");

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

    /// <summary>sync(2), then fsync(2) of the descriptor; FreeBSD has no syncfs. On ZFS sync(2) commits the intent log of every mounted dataset and
    /// waits for it, so that everything written before is durable. On UFS it starts the writes without waiting, and only the descriptor's own
    /// object is waited for; waiting for all would need an fsync(2) of each file in turn.</summary>
    public static void SyncFileSystem(Fd fd)
    {
        Libc.sync();
        Sync(fd);
    }

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

    /// <summary>openat(2), repeated when a signal interrupts it. Close-on-exec is added.</summary>
    internal static Fd Open(Fd at, CName name, int flags, uint mode, string call)
    {
        fixed (byte* p = name.Terminated)
        {
            int fd;
            do
            {
                fd = Libc.openat(at.Number, p, flags | Libc.O_CLOEXEC, mode);
            }
            while (fd < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            Check(fd, call, at, name);
            return new Fd(fd);
        }
    }

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
