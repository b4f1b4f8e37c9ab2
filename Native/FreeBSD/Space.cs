using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Room on a file system: fstatvfs(3).</summary>
internal static unsafe partial class Space
{
    /// <summary>struct statvfs, sys/statvfs.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 88)]
    private struct StatVfs
    {
        [FieldOffset(0)] public ulong f_bavail;
        [FieldOffset(64)] public ulong f_frsize;
    }

    /// <summary>Bytes that an ordinary user may still write.</summary>
    public static long Available(Fd fd)
    {
        StatVfs s;
        Files.Check(fstatvfs(fd.Number, &s), "fstatvfs", fd, ""u8.ToName());
        return (long)(s.f_bavail * s.f_frsize);
    }

    [LibraryImport("libc.so.7", SetLastError = true)]
    private static partial int fstatvfs(int fd, StatVfs* buffer);
}
