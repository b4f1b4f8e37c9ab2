namespace Kvol.Native;

/// <summary>Constants of FreeBSD's headers, by their names and headers there; declarations only.</summary>
internal static unsafe partial class Libc
{
    // <fcntl.h>: open(2), fcntl(2)
    public const int O_RDONLY = 0x0, O_WRONLY = 0x1, O_RDWR = 0x2, O_NONBLOCK = 0x4, O_NOFOLLOW = 0x100, O_CREAT = 0x200, O_EXCL = 0x800,
        O_NOCTTY = 0x8000,
        O_DIRECTORY = 0x20000, O_CLOEXEC = 0x100000;
    public static int O_NOATIME => 0; // there is none
    public static int O_ACCMODE => O_RDONLY | O_WRONLY | O_RDWR;
    public const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x200, AT_REMOVEDIR = 0x800;
    public const int F_GETFD = 1, F_GETFL = 3, F_SETFL = 4, F_DUPFD_CLOEXEC = 17;

    // <unistd.h>: pathconf(2)
    public const int _PC_ACL_EXTENDED = 59, _PC_ACL_NFS4 = 64;

    // <sys/param.h>, <sys/syslimits.h>
    public const int MAXSYMLINKS = 32, PATH_MAX = 1024;

    // <sys/mount.h>: nmount(2), unmount(2), statfs(2)
    public const int MNT_RDONLY = 0x1, MNT_NOEXEC = 0x4, MNT_NOSUID = 0x8, MNT_NOATIME = 0x10000000;
    public const int MNT_FORCE = 0x80000, MNT_BYFSID = 0x8000000;
    public const int MNT_NOWAIT = 2;
    public const int MFSNAMELEN = 16, MNAMELEN = 1024;

    // <sys/stat.h>: chflags(2)
    public const int UF_NODUMP = 0x1, UF_IMMUTABLE = 0x2, UF_APPEND = 0x4, UF_OPAQUE = 0x8, UF_NOUNLINK = 0x10, UF_SYSTEM = 0x80,
        UF_OFFLINE = 0x200, UF_READONLY = 0x1000,
        UF_HIDDEN = 0x8000, SF_IMMUTABLE = 0x20000, SF_APPEND = 0x40000, SF_NOUNLINK = 0x100000;

    // <sys/extattr.h>: extattr(2); <sys/acl.h>: acl(3)
    public const int EXTATTR_NAMESPACE_USER = 1, EXTATTR_NAMESPACE_SYSTEM = 2;
    public const int ACL_TYPE_ACCESS = 2, ACL_TYPE_DEFAULT = 3, ACL_TYPE_NFS4 = 4;
    public const int ACL_FIRST_ENTRY = 0, ACL_TEXT_NUMERIC_IDS = 2;

    // <poll.h>: poll(2)
    public const short POLLIN = 1, POLLOUT = 4;

    // <sys/socket.h>: socket(2)
    public const int AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 0x10000000;

    // <sys/resource.h>: getrlimit(2)
    public const int RLIMIT_NOFILE = 8;

    // <nfs/nfssvc.h>: nfssvc(2)
    public const int NFSSVC_DUMPMNTOPTS = 0x10000000;

    // <signal.h>: signal(3)
    public const int SIGSYS = 12, SIGINFO = 29;
    public const int SIG_DFL = 0, SIG_IGN = 1;
}
