using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Opening, and what is known of what is open. O_PATH is not used: it came with 13.1, and root may read. So a fifo, socket or device, which
/// does something when it is opened, has no descriptor here: <see cref="Failure.WrongType"/>.</summary>
internal static unsafe partial class Files
{
    private const int PathAttempts = 8;

    /// <summary>open(2) of the administrator's own path, links followed. Directory to read.</summary>
    public static Fd OpenDirectory(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "open");

    /// <summary>openat(2) of a directory to read; anything else, a link too, is <see cref="Failure.NotDirectory"/>.</summary>
    public static Fd OpenDirectory(Fd at, CName name)
    {
        try
        {
            return Open(at, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, "openat");
        }
        catch (NativeException e) when (e.Failure is Failure.Loop or Failure.NotSupported)
        {
            // vn_open_vnode, sys/kern/vfs_vnops.c: a link (EMLINK) and a socket (EOPNOTSUPP) are told before ENOTDIR.
            throw Failed("openat", at, name, Errno.ENOTDIR);
        }
    }

    /// <summary>A second descriptor of the same directory, with its own read position.</summary>
    public static Fd Reopen(Fd directory) => Open(directory, "."u8.ToName(), Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "openat");

    /// <summary>open(2) of the administrator's own path, links followed, for reference: a directory or a regular file.</summary>
    public static Fd OpenReference(CName path) => OpenPassive(Here, path, follow: true);

    /// <summary>openat(2) of a directory or regular file for reference; a link is <see cref="Failure.Loop"/>.</summary>
    public static Fd OpenReference(Fd at, CName name) => OpenPassive(at, name, follow: false);

    /// <summary>A regular file to read; never waits on a fifo, never follows a link, by open(2), which cannot leave the access time alone here.</summary>
    public static Fd OpenRead(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "openat");

    /// <summary>The same; <see cref="Fd.None"/> when nothing has the name, which is no exception where a file may be missing.</summary>
    public static Fd FindRead(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "openat", mayMiss: true);

    /// <summary>open(2) of the administrator's own file to read, links followed.</summary>
    public static Fd OpenRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open");

    /// <inheritdoc cref="FindRead(Fd, CName)"/>
    public static Fd FindRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open", mayMiss: true);

    /// <summary>A new regular file to write; <see cref="Failure.Exists"/> when anything has the name.</summary>
    public static Fd CreateNew(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>A regular file to read and write, made when it is not there.</summary>
    public static Fd OpenOrCreate(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>A second descriptor of the same open file, fcntl(2) F_DUPFD_CLOEXEC.</summary>
    public static Fd Duplicate(Fd fd)
    {
        var second = Libc.fcntl(fd.Number, Libc.F_DUPFD_CLOEXEC, 3);
        Check(second, "fcntl", fd, ""u8.ToName());
        return new Fd(second);
    }

    /// <summary>close(2).</summary>
    public static void Close(Fd fd) => _ = Libc.close(fd.Number);

    /// <summary>fstat(2) of the open object when the path is empty, else fstatat(2) of what the path leads to; a link at its end is not followed.
    /// st_dev tells mounts apart, those of nullfs(5) too.</summary>
    public static FilePlace Place(Fd at, CName path) => FileSystem.Place(at, path);

    /// <summary>fstat(2) and fstatfs(2) of the open object.</summary>
    public static FileStatus Status(Fd fd) => FileSystem.Status(fd);

    /// <summary>fstatat(2) and fstatfs(2) of a name in an open directory, the link itself when it is one.</summary>
    public static FileStatus Status(Fd at, CName name) => name.Bytes.IsEmpty ? FileSystem.Status(at) : FileSystem.Status(at, name);

    /// <summary>Whether the name is there, or a path; any other failure is thrown.</summary>
    public static bool Exists(Fd at, CName name)
    {
        Libc.Stat s;
        fixed (byte* p = name.Terminated)
        {
            var result = Libc.fstatat(at.Number, p, &s, Libc.AT_SYMLINK_NOFOLLOW);
            var there = result == 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) is not (Failure.NotFound or Failure.NotDirectory); // not by an exception: absence is the rule
            Check(there ? result : 0, "fstatat", at, name);
            return there;
        }
    }

    /// <summary>The path of an open object as this process sees it now, by the sysctl(3) kern.proc.filedesc. For display and for looking up
    /// mounts. fcntl(2) F_KINFO would be its successor, but is not in every release that kvol runs on; getcwd(3) knows directories alone.</summary>
    public static ByteString PathOf(Fd fd)
    {
        // A rename of a parent empties the cache of names (cache_purge, sys/kern/vfs_cache.c), and a file has a path only through that cache.
        for (var attempt = 0; attempt < PathAttempts; attempt++)
        {
            if (Sysctl.PathOf(fd) is { } path)
            {
                return path;
            }
        }

        throw new NativeException("kern.proc.filedesc", $"descriptor {fd.Number}", Errno.EAGAIN, "it was renamed or removed while kvol looked at it; try again");
    }

    /// <summary>openat(2), repeated when a signal interrupts it. Close-on-exec is added.</summary>
    internal static Fd Open(Fd at, CName name, int flags, uint mode, string call, bool mayMiss = false)
    {
        fixed (byte* p = name.Terminated)
        {
            int fd;
            do
            {
                fd = Libc.openat(at.Number, p, flags | Libc.O_CLOEXEC, mode);
            }
            while (fd < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            if (fd < 0 && mayMiss && Marshal.GetLastPInvokeError() == Errno.ENOENT)
            {
                return Fd.None;
            }

            Check(fd, call, at, name);
            return new Fd(fd);
        }
    }

    // Looked at before it is opened, and afterwards again: a jail may have put something else in its place.
    private static Fd OpenPassive(Fd at, CName name, bool follow)
    {
        Libc.Stat before, after;
        FileSystem.Read(at, name, &before, follow);
        var kind = FileSystem.Kind(before.st_mode);
        if (kind == FileKind.SymbolicLink)
        {
            throw Failed("openat", at, name, Errno.EMLINK);
        }

        if (kind is not (FileKind.Directory or FileKind.Regular))
        {
            throw Failed("openat", at, name, Errno.EFTYPE);
        }

        var flags = Libc.O_RDONLY | (follow ? 0 : Libc.O_NOFOLLOW);
        var fd = Open(at, name, flags | (kind == FileKind.Directory ? Libc.O_DIRECTORY : Libc.O_NONBLOCK | Libc.O_NOCTTY), 0, "openat");
        try
        {
            FileSystem.Read(fd, &after);
            return FileSystem.Kind(after.st_mode) == kind ? fd : throw Failed("openat", at, name, Errno.EFTYPE);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }
}
