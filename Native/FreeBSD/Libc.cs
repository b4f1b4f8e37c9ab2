using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Kvol.Native;

/// <summary>Declarations of FreeBSD's libc, 13.5 and later, amd64 and arm64; no logic. mode_t is 16 bits wide.</summary>
internal static unsafe partial class Libc
{
    // By its FreeBSD name: "libc" alone is a linker script there.
    private const string Name = "libc.so.7";

    // <fcntl.h>, open(2), fcntl(2)
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_NONBLOCK = 4, O_NOFOLLOW = 0x100, O_CREAT = 0x200, O_EXCL = 0x800, O_NOCTTY = 0x8000, O_DIRECTORY = 0x20000, O_CLOEXEC = 0x100000, O_PATH = 0x400000;
    public const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x200, AT_REMOVEDIR = 0x800, AT_EMPTY_PATH = 0x4000;
    public const int F_GETFD = 1, F_GETFL = 3;

    // <sys/mount.h>, mount(2), statfs(2)
    public const int MNT_RDONLY = 1, MNT_NOEXEC = 4, MNT_NOSUID = 8, MNT_FORCE = 0x80000, MNT_BYFSID = 0x8000000, MNT_NOATIME = 0x10000000, MNT_NOWAIT = 2;
    public const int MFSNAMELEN = 16, MNAMELEN = 1024;

    // <fcntl.h>, <unistd.h>
    public const int LOCK_EX = 2, LOCK_NB = 4, SEEK_DATA = 3, SEEK_HOLE = 4;

    // <sys/extattr.h>, <sys/acl.h>
    public const int EXTATTR_NAMESPACE_USER = 1, EXTATTR_NAMESPACE_SYSTEM = 2, ACL_TYPE_ACCESS = 2, ACL_TYPE_DEFAULT = 3, ACL_TYPE_NFS4 = 4;

    // <sys/stat.h>, chflags(2)
    public const int UF_NODUMP = 1, UF_IMMUTABLE = 2, UF_APPEND = 4, UF_OPAQUE = 8, UF_NOUNLINK = 0x10, UF_SYSTEM = 0x80, UF_OFFLINE = 0x200, UF_READONLY = 0x1000, UF_HIDDEN = 0x8000,
        SF_IMMUTABLE = 0x20000, SF_APPEND = 0x40000, SF_NOUNLINK = 0x100000;

    // <sys/socket.h>
    public const int AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 0x10000000;

    // <sys/sysctl.h>, sysctl(3)
    public const int CTL_KERN = 1, KERN_PROC = 14, KERN_PROC_PATHNAME = 12, KERN_PROC_FILEDESC = 33;

    // <sys/resource.h>
    public const int RLIMIT_NOFILE = 8;

    /// <summary>struct timespec.</summary>
    public struct Timespec
    {
        public long tv_sec, tv_nsec;
    }

    /// <summary>struct iovec.</summary>
    public struct Iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    /// <summary>struct rlimit, getrlimit(2).</summary>
    public struct Rlimit
    {
        public ulong rlim_cur, rlim_max;
    }

    /// <summary>struct sockaddr_un, unix(4).</summary>
    public struct SockaddrUn
    {
        public byte sun_len, sun_family;
        public fixed byte sun_path[104];
    }

    /// <summary>struct stat, stat(2), with 64-bit inode numbers.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 224)]
    public struct Stat
    {
        [FieldOffset(0)] public ulong st_dev;
        [FieldOffset(8)] public ulong st_ino;
        [FieldOffset(16)] public ulong st_nlink;
        [FieldOffset(24)] public ushort st_mode;
        [FieldOffset(28)] public uint st_uid;
        [FieldOffset(32)] public uint st_gid;
        [FieldOffset(40)] public ulong st_rdev;
        [FieldOffset(48)] public Timespec st_atim;
        [FieldOffset(64)] public Timespec st_mtim;
        [FieldOffset(96)] public Timespec st_birthtim;
        [FieldOffset(112)] public long st_size;
        [FieldOffset(120)] public long st_blocks;
        [FieldOffset(132)] public uint st_flags;
    }

    /// <summary>struct statfs, statfs(2), version 0x20140518.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 2344)]
    public struct Statfs
    {
        [FieldOffset(8)] public ulong f_flags;
        [FieldOffset(192)] public uint f_fsid_0;
        [FieldOffset(196)] public uint f_fsid_1;
        [FieldOffset(280)] public fixed byte f_fstypename[MFSNAMELEN];
        [FieldOffset(296)] public fixed byte f_mntfromname[MNAMELEN];
        [FieldOffset(1320)] public fixed byte f_mntonname[MNAMELEN];
    }

    [LibraryImport(Name, SetLastError = true)]
    public static partial int openat(int dirfd, byte* path, int flags, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstat(int fd, Stat* buffer);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstatat(int dirfd, byte* path, Stat* buffer, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstatfs(int fd, Statfs* buffer);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int getfsstat(Statfs* buffer, long size, int mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint getdirentries(int fd, byte* buffer, nuint length, long* position);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint readlinkat(int dirfd, byte* path, byte* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int mkdirat(int dirfd, byte* path, ushort mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int mknodat(int dirfd, byte* path, ushort mode, ulong device);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int symlinkat(byte* target, int dirfd, byte* path);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int linkat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unlinkat(int dirfd, byte* path, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int renameat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchownat(int dirfd, byte* path, uint uid, uint gid, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchmod(int fd, ushort mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchmodat(int dirfd, byte* path, ushort mode, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int utimensat(int dirfd, byte* path, Timespec* times, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int futimens(int fd, Timespec* times);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchflags(int fd, ulong flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nuint length, long offset);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint pwrite(int fd, void* buffer, nuint length, long offset);

    [LibraryImport(Name, SetLastError = true)]
    public static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fsync(int fd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int flock(int fd, int operation);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchdir(int fd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int nmount(Iovec* options, uint count, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unmount(byte* target, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int bindat(int dirfd, int socket, SockaddrUn* address, uint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int sysctl(int* mib, uint length, void* old, nuint* oldLength, void* value, nuint valueLength);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int sysctlbyname(byte* name, void* old, nuint* oldLength, void* value, nuint valueLength);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_list_fd(int fd, int space, byte* list, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_list_link(byte* path, int space, byte* list, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_get_fd(int fd, int space, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_get_link(byte* path, int space, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_set_fd(int fd, int space, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint extattr_set_link(byte* path, int space, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint acl_get_fd_np(int fd, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_set_fd_np(int fd, nint acl, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_delete_fd_np(int fd, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_is_trivial_np(nint acl, int* trivial);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint acl_strip_np(nint acl, int recalculateMask);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int getrlimit(int resource, Rlimit* limit);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int setrlimit(int resource, Rlimit* limit);

    [LibraryImport(Name)]
    public static partial int close(int fd);

    [LibraryImport(Name)]
    public static partial void sync();

    [LibraryImport(Name)]
    public static partial uint geteuid();

    [LibraryImport(Name)]
    public static partial ushort umask(ushort mask);

    [LibraryImport(Name)]
    public static partial int acl_free(nint acl);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int setegid(uint gid);
}
