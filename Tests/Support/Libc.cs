using System.Runtime.InteropServices;

namespace Kvol.Tests.Support;

/// <summary>The tests' own declarations of glibc: a wrong declaration in kvol must not affect the tests too.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int statx(int fd, byte[] path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int open(byte[] path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int openat(int fd, byte[] path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(int fd, byte[] buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint pwrite(int fd, byte[] buffer, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(int fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(int fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mkdir(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mknod(byte[] path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int symlink(byte[] target, byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int link(byte[] from, byte[] to);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unlink(byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int rmdir(byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int rename(byte[] from, byte[] to);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int renameat2(int fromFd, byte[] from, int toFd, byte[] to, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int chmod(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int lchown(byte[] path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int utimensat(int fd, byte[] path, long* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint readlink(byte[] path, byte[] buffer, nint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint llistxattr(byte[] path, byte[]? list, nint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint lgetxattr(byte[] path, byte[] name, byte[]? value, nint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int lsetxattr(byte[] path, byte[] name, byte[] value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint opendir(byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial byte* readdir(nint directory);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int closedir(nint directory);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mount(byte[] source, byte[] target, byte[]? type, ulong flags, byte[]? data);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int umount2(byte[] target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);
}
