using System;

namespace Kvol.Native;

/// <summary>Room on a file system: statfs(2).</summary>
internal static unsafe class Space
{
    /// <summary>Bytes that an ordinary user may still write, fstatfs(2): f_bavail, which is below 0 where only root's reserve is
    /// left.</summary>
    public static long Available(Fd fd)
    {
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(fd.Number, &s), "fstatfs", fd);
        return Math.Max(s.f_bavail, 0) * (long)s.f_bsize;
    }

    /// <summary>Bytes that the file system has in all.</summary>
    public static long Size(Fd fd)
    {
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(fd.Number, &s), "fstatfs", fd);
        return (long)(s.f_blocks * s.f_bsize);
    }
}
