using System;

namespace Kvol.Native;

/// <summary>The machine and this process.</summary>
internal static unsafe partial class Host
{
    /// <summary>Whether the effective user is root, geteuid(2).</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>Fills a few bytes, at most 256, with random ones of the kernel, getrandom(2): without a device, and without OpenSSL, which
    /// takes longer to load than most commands take.</summary>
    public static void FillRandom(Span<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            Files.Check(Libc.getrandom(p, (nuint)bytes.Length, 0), "getrandom", Files.Here);
        }
    }

    /// <summary>Whether standard output takes writes; behind one that the caller closed is /dev/null for reading. fcntl(2).</summary>
    public static bool OutputIsWritable => (Libc.fcntl(1, Libc.F_GETFL, 0) & Libc.O_ACCMODE) != Libc.O_RDONLY;

    /// <summary>Puts /dev/null, for reading, behind the standard descriptors that the caller closed, so that no file of kvol's gets their
    /// numbers and is written over by a message. openat(2) takes the lowest free number.</summary>
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

    /// <summary>As many descriptors as the administrator allows, setrlimit(2). The number allowed.</summary>
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
