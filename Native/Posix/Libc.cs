using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Kvol.Native;

/// <summary>Declares what the libc of both systems has with the same numbers, layouts and types, and Tmds.LibC lacks; declarations
/// only.</summary>
internal static unsafe partial class Libc
{
    // <sys/stat.h>: stat(2), mknod(2)
    public const uint S_IFMT = 15 << 12, S_IFIFO = 1 << 12, S_IFCHR = 2 << 12, S_IFDIR = 4 << 12, S_IFBLK = 6 << 12, S_IFREG = 8 << 12,
        S_IFLNK = 10 << 12,
        S_IFSOCK = 12 << 12;

    // <dirent.h>: types of directory entries
    public const byte DT_FIFO = 1, DT_CHR = 2, DT_DIR = 4, DT_BLK = 6, DT_REG = 8, DT_LNK = 10, DT_SOCK = 12;

    // <sys/file.h>: flock(2); <unistd.h>: lseek(2)
    public const int LOCK_EX = 2, LOCK_NB = 4, SEEK_DATA = 3, SEEK_HOLE = 4;

    /// <summary>struct timespec, &lt;time.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Timespec
    {
        [FieldOffset(0)] public long tv_sec;
        [FieldOffset(8)] public long tv_nsec;
    }

    /// <summary>struct pollfd, &lt;poll.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public struct Pollfd
    {
        [FieldOffset(0)] public int fd;
        [FieldOffset(4)] public short events;
        [FieldOffset(6)] public short revents;
    }

    /// <summary>struct rlimit, &lt;sys/resource.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Rlimit
    {
        [FieldOffset(0)] public ulong rlim_cur;
        [FieldOffset(8)] public ulong rlim_max;
    }

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint getrandom(byte* buffer, nuint length, uint flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int renameat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int flock(int fd, int operation);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int getrlimit(int resource, Rlimit* limit);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int setrlimit(int resource, Rlimit* limit);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int ioctl(int fd, ulong request, nint argument);

    [LibraryImport(Name)]
    public static partial byte* getpwnam(byte* name);

    [LibraryImport(Name)]
    public static partial byte* getgrnam(byte* name);
}
