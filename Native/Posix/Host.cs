using System;

namespace Kvol.Native;

/// <summary>The machine and this process.</summary>
internal static unsafe partial class Host
{
    /// <summary>Whether the effective user is root, geteuid(2).</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>Fills at most 256 bytes with random ones from the kernel, getrandom(2). This needs no device and no OpenSSL, which takes
    /// longer to load than most commands take.</summary>
    public static void FillRandom(Span<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            Files.Check(Libc.getrandom(p, (nuint)bytes.Length, 0), "getrandom", Files.Here);
        }
    }

    /// <summary>Whether standard output is writable, fcntl(2); if the caller closed it, it is /dev/null opened for reading.</summary>
    public static bool OutputIsWritable => (Libc.fcntl(1, Libc.F_GETFL, 0) & Libc.O_ACCMODE) != Libc.O_RDONLY;

    /// <summary>Opens /dev/null, for reading, in place of the standard descriptors that the caller closed. Otherwise a file that kvol opens
    /// could get such a number, and messages would overwrite it. openat(2) takes the lowest free number.</summary>
    public static void GuardStandardDescriptors()
    {
        for (var fd = 0; fd < 3; fd++)
        {
            if (Libc.fcntl(fd, Libc.F_GETFD, 0) < 0)
            {
                fixed (byte* path = "/dev/null\0"u8)
                {
                    _ = Libc.openat(Libc.AT_FDCWD, path, Libc.O_RDONLY, 0);
                }
            }
        }
    }

    /// <summary>Raises the descriptor limit to the largest that the administrator allows, setrlimit(2). Returns that limit.</summary>
    private static int RaiseDescriptorLimit()
    {
        Libc.Rlimit limit;
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, &limit) < 0)
        {
            return 256;
        }

        var before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        return (int)Math.Min(Libc.setrlimit(Libc.RLIMIT_NOFILE, &limit) < 0 ? before : limit.rlim_max, 1 << 20);
    }
}
