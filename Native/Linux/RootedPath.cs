using System;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Kvol.Native;

/// <summary>Paths that must not lead out of a directory: openat2(2), Linux 5.6.</summary>
internal static unsafe class RootedPath
{
    private const int Attempts = 64;

    /// <summary>Opens a path as if chrooted into <paramref name="root"/>: links are followed, absolute ones and <c>..</c> stay inside.
    /// A mere reference to whatever it is.</summary>
    public static Fd Open(Fd root, CName path) => Open(root, path, Libc.O_PATH, Libc.RESOLVE_IN_ROOT | Libc.RESOLVE_NO_MAGICLINKS);

    /// <summary>Opens a path that the kernel reported and that therefore has no links; an error when it has one by now.</summary>
    public static Fd OpenResolved(CName path) => Open(Files.Here, path, Libc.O_PATH, Libc.RESOLVE_NO_SYMLINKS);

    /// <summary>Opens a directory entry to read, not through a link and not across a mount (a bind of the same file system included).
    /// <see cref="Failure.CrossDevice"/> when something is mounted on it.</summary>
    public static Fd OpenDirectoryBelow(Fd directory, CName name) =>
        Open(directory, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOATIME,
            Libc.RESOLVE_NO_XDEV | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_BENEATH);

    private static Fd Open(Fd at, CName path, int flags, ulong resolve)
    {
        var how = new open_how { flags = (ulong)(uint)(flags | Libc.O_CLOEXEC), resolve = resolve };
        fixed (byte* p = path.Terminated)
        {
            for (var attempt = 1; ; attempt++)
            {
                var fd = Libc.openat2(at.Number, p, &how);
                if (fd >= 0)
                {
                    return new Fd(fd);
                }

                if (Marshal.GetLastPInvokeError() == Errno.EPERM && (how.flags & (ulong)(uint)Libc.O_NOATIME) != 0)
                {
                    how.flags &= ~(ulong)(uint)Libc.O_NOATIME; // open(2): EPERM unless owner or CAP_FOWNER
                    continue;
                }

                // EAGAIN: a concurrent rename or mount disturbed a ".." on the way; openat2(2) says to retry. A jail can rename for ever.
                var errno = Marshal.GetLastPInvokeError();
                var again = Errno.Meaning(errno) == Failure.WouldBlock;
                if (again && attempt == Attempts)
                {
                    throw new NativeException(
                        "openat2", path.ToString(), errno, "something on the way is renamed again and again; try again");
                }

                if (!again && errno != Errno.EINTR)
                {
                    throw Files.Failed("openat2", at, path, errno);
                }
            }
        }
    }
}
