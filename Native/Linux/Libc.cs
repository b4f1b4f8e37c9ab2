using Tmds.Linux;

namespace Kvol.Native;

/// <summary>What Tmds.LibC declares of glibc, in the types that both systems' code shares. What it lacks stands in Libc.Own.cs.</summary>
internal static unsafe partial class Libc
{
    public static int O_RDONLY => LibC.O_RDONLY;
    public static int O_WRONLY => LibC.O_WRONLY;
    public static int O_RDWR => LibC.O_RDWR;
    public static int O_ACCMODE => LibC.O_ACCMODE;
    public static int O_CREAT => LibC.O_CREAT;
    public static int O_EXCL => LibC.O_EXCL;
    public static int O_NOCTTY => LibC.O_NOCTTY;
    public static int O_NONBLOCK => LibC.O_NONBLOCK;
    public static int O_NOATIME => LibC.O_NOATIME;
    public static int O_CLOEXEC => LibC.O_CLOEXEC;
    public static int O_DIRECTORY => LibC.O_DIRECTORY;
    public static int O_NOFOLLOW => LibC.O_NOFOLLOW;
    public static int O_TMPFILE => LibC.O_TMPFILE;
    public static int O_PATH => LibC.O_PATH;

    public static int AT_FDCWD => LibC.AT_FDCWD;
    public static int AT_SYMLINK_NOFOLLOW => LibC.AT_SYMLINK_NOFOLLOW;
    public static int AT_REMOVEDIR => LibC.AT_REMOVEDIR;
    public static int AT_SYMLINK_FOLLOW => LibC.AT_SYMLINK_FOLLOW;
    public static int AT_EMPTY_PATH => LibC.AT_EMPTY_PATH;

    public static int F_GETFD => LibC.F_GETFD;
    public static int F_GETFL => LibC.F_GETFL;
    public static int F_SETFL => LibC.F_SETFL;
    public static int F_DUPFD_CLOEXEC => LibC.F_DUPFD_CLOEXEC;
    public static int F_SETPIPE_SZ => LibC.F_SETPIPE_SZ;

    public static short POLLIN => LibC.POLLIN;
    public static short POLLOUT => LibC.POLLOUT;

    public static int SIGUSR1 => LibC.SIGUSR1;

    public static ulong RESOLVE_NO_XDEV => LibC.RESOLVE_NO_XDEV;
    public static ulong RESOLVE_NO_MAGICLINKS => LibC.RESOLVE_NO_MAGICLINKS;
    public static ulong RESOLVE_NO_SYMLINKS => LibC.RESOLVE_NO_SYMLINKS;
    public static ulong RESOLVE_BENEATH => LibC.RESOLVE_BENEATH;
    public static ulong RESOLVE_IN_ROOT => LibC.RESOLVE_IN_ROOT;

    public static int MNT_FORCE => LibC.MNT_FORCE;

    public static int UMOUNT_NOFOLLOW => LibC.UMOUNT_NOFOLLOW;

    public static long ST_RDONLY => (long)LibC.ST_RDONLY;
    public static long ST_NOSUID => (long)LibC.ST_NOSUID;
    public static long ST_NODEV => (long)LibC.ST_NODEV;
    public static long ST_NOEXEC => (long)LibC.ST_NOEXEC;
    public static long ST_NOATIME => (long)LibC.ST_NOATIME;

    public static uint STATX_INO => LibC.STATX_INO;
    public static uint STATX_BASIC_STATS => LibC.STATX_BASIC_STATS;
    public static uint STATX_BTIME => LibC.STATX_BTIME;

    public static uint SPLICE_F_NONBLOCK => (uint)LibC.SPLICE_F_NONBLOCK;
    public static uint SPLICE_F_MOVE => (uint)LibC.SPLICE_F_MOVE;

    public static int openat(int dirfd, byte* path, int flags, uint mode) => LibC.openat(dirfd, path, flags, (mode_t)mode);

    public static int close(int fd) => LibC.close(fd);

    public static int statx(int dirfd, byte* path, int flags, uint mask, Statx* buffer) =>
        LibC.statx(dirfd, path, flags, mask, (statx*)buffer);

    public static nint readlinkat(int dirfd, byte* path, byte* buffer, nuint length) =>
        (nint)LibC.readlinkat(dirfd, path, buffer, (size_t)length);

    public static int mkdirat(int dirfd, byte* path, uint mode) => LibC.mkdirat(dirfd, path, (mode_t)mode);

    public static int mknodat(int dirfd, byte* path, uint mode, ulong device) => LibC.mknodat(dirfd, path, (mode_t)mode, device);

    public static int symlinkat(byte* target, int dirfd, byte* path) => LibC.symlinkat(target, dirfd, path);

    public static int linkat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags) =>
        LibC.linkat(olddirfd, oldpath, newdirfd, newpath, flags);

    public static int unlinkat(int dirfd, byte* path, int flags) => LibC.unlinkat(dirfd, path, flags);

    public static int fchownat(int dirfd, byte* path, uint uid, uint gid, int flags) => LibC.fchownat(dirfd, path, uid, gid, flags);

    public static int fchmod(int fd, uint mode) => LibC.fchmod(fd, (mode_t)mode);

    public static int fchmodat(int dirfd, byte* path, uint mode, int flags) => LibC.fchmodat(dirfd, path, (mode_t)mode, flags);

    public static int utimensat(int dirfd, byte* path, Timespec* times, int flags) => LibC.utimensat(dirfd, path, (timespec*)times, flags);

    public static int futimens(int fd, Timespec* times) => LibC.futimens(fd, (timespec*)times);

    public static nint read(int fd, void* buffer, nuint length) => (nint)LibC.read(fd, buffer, (size_t)length);

    public static nint write(int fd, void* buffer, nuint length) => (nint)LibC.write(fd, buffer, (size_t)length);

    public static nint pread(int fd, void* buffer, nuint length, long offset) => (nint)LibC.pread(fd, buffer, (size_t)length, offset);

    public static nint pwrite(int fd, void* buffer, nuint length, long offset) => (nint)LibC.pwrite(fd, buffer, (size_t)length, offset);

    public static long lseek(int fd, long offset, int whence) => (long)LibC.lseek(fd, offset, whence);

    public static int ftruncate(int fd, long length) => LibC.ftruncate(fd, length);

    public static nint splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags) =>
        (nint)LibC.splice(from, (off_t*)fromOffset, to, (off_t*)toOffset, (size_t)length, flags);

    public static int fsync(int fd) => LibC.fsync(fd);

    public static int syncfs(int fd) => LibC.syncfs(fd);

    public static int fchdir(int fd) => LibC.fchdir(fd);

    public static int umount2(byte* target, int flags) => LibC.umount2(target, flags);

    public static int getppid() => (int)LibC.getppid();

    public static uint geteuid() => (uint)LibC.geteuid();

    public static uint umask(uint mask) => (uint)LibC.umask((mode_t)mask);

    public static int kill(int pid, int signal) => LibC.kill(pid, signal);

    public static uint getegid() => (uint)LibC.getegid();

    public static int setegid(uint gid) => LibC.setegid(gid);

    public static int pipe2(int* ends, int flags) => LibC.pipe2(ends, flags);

    public static int poll(Pollfd* fds, nuint count, int timeout) => LibC.poll((pollfd*)fds, (ulong_t)(ulong)count, timeout);

    public static int openat2(int dirfd, byte* path, open_how* how) => LibC.openat2(dirfd, path, how, (size_t)(nuint)sizeof(open_how));
}
