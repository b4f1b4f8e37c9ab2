using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Room on a file system: fstatvfs(3).</summary>
internal static unsafe partial class Space
{
    /// <summary>struct statvfs of glibc, 64-bit.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 112)]
    private struct StatVfs
    {
        public ulong f_bsize, f_frsize, f_blocks, f_bfree, f_bavail;
    }

    /// <summary>Bytes that an ordinary user may still write.</summary>
    public static long Available(Fd fd)
    {
        StatVfs s;
        Files.Check(fstatvfs(fd.Number, &s), "fstatvfs", fd, ""u8.ToName());
        return (long)(s.f_bavail * s.f_frsize);
    }

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int fstatvfs(int fd, StatVfs* buffer);
}
