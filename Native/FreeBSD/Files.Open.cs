using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>Opening, and the status of open objects. kvol does not use O_PATH: it came with 13.1, and root may read anyway. So kvol gets no
/// descriptor of a fifo, socket or device, because opening one has side effects: <see cref="Failure.WrongType"/>.</content>
internal static unsafe partial class Files
{
    private const int PathAttempts = 8;

    /// <summary>openat(2) of a directory to read; anything else, a link too, is <see cref="Failure.NotDirectory"/>.</summary>
    public static Fd OpenDirectory(Fd at, CName name)
    {
        try
        {
            return Open(at, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, "openat");
        }
        catch (NativeException e) when (e.Failure is Failure.Loop or Failure.NotSupported)
        {
            // vn_open_vnode, sys/kern/vfs_vnops.c: it reports a link (EMLINK) and a socket (EOPNOTSUPP) before ENOTDIR.
            throw Failed("openat", at, name, Errno.ENOTDIR);
        }
    }

    /// <summary>open(2) of the administrator's own path, links followed, for reference: a directory or a regular file.</summary>
    public static Fd OpenReference(CName path) => OpenPassive(Here, path, follow: true);

    /// <summary>openat(2) of a directory or regular file for reference; a link is <see cref="Failure.Loop"/>.</summary>
    public static Fd OpenReference(Fd at, CName name) => OpenPassive(at, name, follow: false);

    /// <summary>Always none: FreeBSD cannot create a file without a name and name it later, open(2).</summary>
    public static Fd CreateUnnamed(Fd directory, uint mode) => Fd.None;

    /// <summary>Never called, because <see cref="CreateUnnamed"/> returns none: <see cref="Failure.NotSupported"/>.</summary>
    public static bool TryLink(Fd file, Fd at, CName name) => throw Failed("linkat", at, name, Errno.EOPNOTSUPP);

    /// <summary>fstat(2) of the open object when the path is empty, else fstatat(2) of what the path leads to; a link at its end is not
    /// followed. st_dev tells mounts apart, those of nullfs(5) too.</summary>
    public static FilePlace Place(Fd at, CName path) => FileSystem.Place(at, path);

    /// <summary>fstat(2) and fstatfs(2) of the open object.</summary>
    public static FileStatus Status(Fd fd) => FileSystem.Status(fd);

    /// <summary>fstatat(2) and fstatfs(2) of a name in an open directory, the link itself when it is one.</summary>
    public static FileStatus Status(Fd at, CName name) => name.Bytes.IsEmpty ? FileSystem.Status(at) : FileSystem.Status(at, name);

    /// <summary>Whether a name or path exists; throws on any other failure.</summary>
    public static bool Exists(Fd at, CName name)
    {
        Libc.Stat s;
        fixed (byte* p = name.Terminated)
        {
            var result = Libc.fstatat(at.Number, p, &s, Libc.AT_SYMLINK_NOFOLLOW);
            // no exception: absence is the usual case
            var there = result == 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) is not (Failure.NotFound or Failure.NotDirectory);
            Check(there ? result : 0, "fstatat", at, name);
            return there;
        }
    }

    /// <summary>The path of an open object as this process sees it now, by the sysctl(3) kern.proc.filedesc. For display and for looking up
    /// mounts. fcntl(2) F_KINFO would replace it, but some releases that kvol runs on lack it; getcwd(3) serves directories only.</summary>
    public static ByteString PathOf(Fd fd)
    {
        // A rename of a parent empties the cache of names (cache_purge, sys/kern/vfs_cache.c), and a file has a path only through that
        // cache.
        for (var attempt = 0; attempt < PathAttempts; attempt++)
        {
            if (Sysctl.PathOf(fd) is { } path)
            {
                return path;
            }
        }

        throw new NativeException("kern.proc.filedesc", $"descriptor {fd.Number}", Errno.EAGAIN,
            "it was renamed or removed while kvol looked at it; try again");
    }

    // kvol checks the object before and after opening it, because a jail may replace it in between.
    private static Fd OpenPassive(Fd at, CName name, bool follow)
    {
        Libc.Stat before, after;
        FileSystem.Read(at, name, &before, follow);
        var kind = Kind(before.st_mode);
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
            return Kind(after.st_mode) == kind ? fd : throw Failed("openat", at, name, Errno.EFTYPE);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }
}
