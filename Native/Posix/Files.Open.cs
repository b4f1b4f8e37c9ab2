using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>Opening and closing.</content>
internal static unsafe partial class Files
{
    /// <summary>open(2) of the administrator's own path, links followed. Directory to read.</summary>
    public static Fd OpenDirectory(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "open");

    /// <summary>A second descriptor of the same directory, with its own read position.</summary>
    public static Fd Reopen(Fd directory) => Open(directory, CName.Of(".\0"u8), Libc.O_RDONLY | Libc.O_DIRECTORY, 0, "openat");

    /// <summary>A regular file to read; never waits on a fifo, never follows a link, leaves the access time alone where the system can do
    /// that.</summary>
    public static Fd OpenRead(Fd at, CName name) =>
        Open(at, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_NOATIME, 0, "openat");

    /// <summary>The same; <see cref="Fd.None"/> when no file has the name.</summary>
    public static Fd FindRead(Fd at, CName name) =>
        Open(at, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_NOATIME, 0, "openat", mayMiss: true);

    /// <summary>open(2) of the administrator's own file to read, links followed.</summary>
    public static Fd OpenRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NOCTTY, 0, "open");

    /// <summary>The same, which never waits on a fifo; <see cref="Fd.None"/> when nothing has the name.</summary>
    public static Fd FindRead(CName path) => Open(Here, path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "open", mayMiss: true);

    /// <summary>A new regular file to write; <see cref="Failure.Exists"/> when anything has the name.</summary>
    public static Fd CreateNew(Fd at, CName name, uint mode) =>
        Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>An existing regular file, to read and write; <see cref="Fd.None"/> when nothing has the name.</summary>
    public static Fd FindUpdate(Fd at, CName name) =>
        Open(at, name, Libc.O_NOFOLLOW | Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "openat", mayMiss: true);

    /// <summary>A regular file to read and write, made when it is not there.</summary>
    public static Fd OpenOrCreate(Fd at, CName name, uint mode) =>
        Open(at, name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, mode, "openat");

    /// <summary>An existing file that is not a directory, to write to: never creates or truncates it, never follows a link, never waits. A
    /// fifo without a reader is <see cref="Failure.NoDevice"/>.</summary>
    public static Fd OpenWrite(Fd at, CName name) =>
        Open(at, name, Libc.O_WRONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0, "openat");

    /// <summary>fcntl(2) F_SETFL: from here on a write waits until there is room.</summary>
    public static void SetBlocking(Fd fd) => Check(Libc.fcntl(fd.Number, Libc.F_SETFL, 0), "fcntl", fd);

    /// <summary>A device to control.</summary>
    public static Fd OpenDevice(CName path) => Open(Here, path, Libc.O_RDWR, 0, "open");

    /// <summary>A second descriptor of the same open file, fcntl(2) F_DUPFD_CLOEXEC.</summary>
    public static Fd Duplicate(Fd fd)
    {
        var second = Libc.fcntl(fd.Number, Libc.F_DUPFD_CLOEXEC, 3);
        Check(second, "fcntl", fd);
        return new Fd(second);
    }

    /// <summary>close(2).</summary>
    public static void Close(Fd fd) => _ = Libc.close(fd.Number);

    /// <summary>openat(2), repeated when a signal interrupts it. Close-on-exec is added.</summary>
    internal static Fd Open(Fd at, CName name, int flags, uint mode, string call, bool mayMiss = false)
    {
        fixed (byte* p = name.Terminated)
        {
            int fd, times = 0;
            do
            {
                fd = Libc.openat(at.Number, p, flags | Libc.O_CLOEXEC, mode);
            }
            while (IsInterrupted(fd, ref times));

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
