using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Jails and the processes that start them: jail(2), getppid(2), sysctl(3).</summary>
internal static unsafe partial class Libc
{
    // <sys/param.h>
    public const int MAXHOSTNAMELEN = 256, MAXPATHLEN = 1024;

    // <sys/sysctl.h>
    public const int KERN_PROC_PID = 1;

    // <sys/user.h>: struct kinfo_proc, 64-bit: its size, ki_structsize, ki_start (struct timeval) and ki_stat; <sys/proc.h>: SZOMB
    public const int KINFO_PROC_SIZE = 1088, KI_STRUCTSIZE = 0, KI_START = 336, KI_STAT = 388, SZOMB = 5;

    [LibraryImport(Name, SetLastError = true)]
    public static partial int jail_get(Iovec* iov, uint niov, int flags);

    [LibraryImport(Name)]
    public static partial int getppid();
}
