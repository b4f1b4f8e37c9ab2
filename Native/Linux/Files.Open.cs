using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>Opening and closing.</content>
internal static unsafe partial class Files
{
    /// <summary>open(2) of the administrator's own path, links followed. Directory to read.</summary>
    public static Fd OpenDirectory(CName path) => Open(Here, path, Libc.O_RDONLY | O_DIRECTORY, 0, "open");

    /// <summary>openat(2) of a directory to read; a link is <see cref="Failure.NotDirectory"/>.</summary>
    public static Fd OpenDirectory(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | O_DIRECTORY | O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOATIME, 0, "openat");

    /// <summary>A second descriptor of the same directory, with its own read position.</summary>
    public static Fd Reopen(Fd directory) => Open(directory, "."u8.ToName(), Libc.O_RDONLY | O_DIRECTORY, 0, "openat");

    /// <summary>open(2) of the administrator's own path as a mere reference (O_PATH), links followed.</summary>
    public static Fd OpenReference(CName path) => Open(Here, path, Libc.O_PATH, 0, "open");

    /// <summary>openat(2) of whatever it is as a mere reference; a link is opened itself.</summary>
    public static Fd OpenReference(Fd at, CName name) => Open(at, name, Libc.O_PATH | O_NOFOLLOW, 0, "openat");

    /// <summary>A regular file to read; never waits on a fifo, never follows a link, leaves the access time alone.</summary>
    public static Fd OpenRead(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_NOATIME, 0, "openat");

    /// <summary>The same; <see cref="Fd.None"/> when nothing has the name, which is no exception where a file may be missing.</summary>
    public static Fd FindRead(Fd at, CName name) => Open(at, name, Libc.O_RDONLY | O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_NOATIME, 0, "openat", mayMiss: true);

    /// <summary>open(2) of the administrator's own file to read, links followed.</summary>
    public static Fd OpenRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open");

    /// <inheritdoc cref="FindRead(Fd, CName)"/>
    public static Fd FindRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open", mayMiss: true);

    /// <summary>A new regular file to write; <see cref="Failure.Exists"/> when anything has the name.</summary>
    public static Fd CreateNew(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | O_NOFOLLOW, mode, "openat");

    /// <summary>A regular file to read and write, made when it is not there.</summary>
    public static Fd OpenOrCreate(Fd at, CName name, uint mode) => Open(at, name, Libc.O_RDWR | Libc.O_CREAT | O_NOFOLLOW, mode, "openat");

    /// <summary>A device to control.</summary>
    public static Fd OpenDevice(CName path) => Open(Here, path, Libc.O_RDWR, 0, "open");

    /// <summary>One of the flags whose value differs: asm/fcntl.h.</summary>
    internal static int O_DIRECTORY { get; } = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <inheritdoc cref="O_DIRECTORY"/>
    internal static int O_NOFOLLOW { get; } = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>A second descriptor of the same open file, fcntl(2) F_DUPFD_CLOEXEC.</summary>
    public static Fd Duplicate(Fd fd)
    {
        var second = Libc.fcntl(fd.Number, Libc.F_DUPFD_CLOEXEC, 3);
        Check(second, "fcntl", fd, ""u8.ToName());
        return new Fd(second);
    }

    /// <summary>close(2).</summary>
    public static void Close(Fd fd) => _ = Libc.close(fd.Number);

    private static Fd Open(Fd at, CName name, int flags, uint mode, string call, bool mayMiss = false)
    {
        fixed (byte* p = name.Terminated)
        {
            int fd;
            do
            {
                fd = Libc.openat(at.Number, p, flags | Libc.O_CLOEXEC, mode);
            }
            while (fd < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            if (fd < 0 && (flags & Libc.O_NOATIME) != 0 && Marshal.GetLastPInvokeError() == Errno.EPERM)
            {
                return Open(at, name, flags & ~Libc.O_NOATIME, mode, call, mayMiss); // open(2): EPERM unless owner or CAP_FOWNER
            }

            if (fd < 0 && mayMiss && Marshal.GetLastPInvokeError() == Errno.ENOENT)
            {
                return Fd.None;
            }

            Check(fd, call, at, name);
            return new Fd(fd);
        }
    }
}
