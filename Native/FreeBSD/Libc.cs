using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Functions of FreeBSD's libc; declarations only. mode_t is 16 bits wide, and
/// passed like a number of 32; dev_t, ino_t and nlink_t are 64.</summary>
internal static unsafe partial class Libc
{
    // By its FreeBSD name: "libc" alone is a linker script there.
    private const string Name = "libc.so.7";

    [LibraryImport(Name, SetLastError = true)]
    public static partial int openat(int dirfd, byte* path, int flags, uint mode);

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
    public static partial int mkdirat(int dirfd, byte* path, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int mknodat(int dirfd, byte* path, uint mode, ulong device);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int symlinkat(byte* target, int dirfd, byte* path);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int linkat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unlinkat(int dirfd, byte* path, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchownat(int dirfd, byte* path, uint uid, uint gid, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchown(int fd, uint uid, uint gid);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchmod(int fd, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchmodat(int dirfd, byte* path, uint mode, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int utimensat(int dirfd, byte* path, Timespec* times, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int futimens(int fd, Timespec* times);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchflags(int fd, ulong flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int chflagsat(int dirfd, byte* path, ulong flags, int atflag);

    [LibraryImport(Name, SetLastError = true)]
    public static partial long fpathconf(int fd, int name);

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
    public static partial int fsync(int fd);

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
    public static partial int sysctlnametomib(byte* name, int* mib, nuint* length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int sysctl(int* mib, uint length, void* old, nuint* oldLength, void* value, nuint valueLength);

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
    public static partial nint acl_get_link_np(byte* path, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_set_link_np(byte* path, int type, nint acl);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_get_entry(nint acl, int which, nint* entry);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_delete_fd_np(int fd, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int acl_is_trivial_np(nint acl, int* trivial);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint acl_strip_np(nint acl, int recalculateMask);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int poll(Pollfd* fds, nuint count, int timeout);

    [LibraryImport(Name, SetLastError = true)]
    public static partial byte* acl_to_text_np(nint acl, nint* length, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint acl_from_text(byte* text);

    [LibraryImport(Name)]
    public static partial int close(int fd);

    [LibraryImport(Name)]
    public static partial void sync();

    [LibraryImport(Name)]
    public static partial nint signal(int number, nint handler);

    [LibraryImport(Name)]
    public static partial int strerror_r(int errno, byte* buffer, nuint size);

    [LibraryImport(Name)]
    public static partial uint geteuid();

    [LibraryImport(Name)]
    public static partial ushort umask(uint mask);

    [LibraryImport(Name)]
    public static partial int acl_free(nint acl);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int setegid(uint gid);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int nfssvc(int flags, NfsclDumpmntopts* argument);
}
