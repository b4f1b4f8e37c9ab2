using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Jails and the processes that start them: jail(2), getppid(2), sysctl(3).</summary>
internal static unsafe partial class Libc
{
    // <sys/param.h>
    public const int MAXHOSTNAMELEN = 256, MAXPATHLEN = 1024;

    // <sys/proc.h>
    public const int SZOMB = 5;

    [LibraryImport(Name, SetLastError = true)]
    public static partial int jail_get(Iovec* iov, uint niov, int flags);

    [LibraryImport(Name)]
    public static partial int getppid();
}
