using Tmds.Linux;

namespace Kvol.Native;

/// <summary>Room on a file system: fstatvfs(3).</summary>
internal static unsafe class Space
{
    /// <summary>Bytes that an ordinary user may still write.</summary>
    public static long Available(Fd fd)
    {
        statvfs s;
        Files.Check(LibC.fstatvfs(fd.Number, &s), "fstatvfs", fd);
        return (long)((ulong)s.f_bavail * (ulong)s.f_frsize);
    }

    /// <summary>Bytes that the file system has in all.</summary>
    public static long Size(Fd fd)
    {
        statvfs s;
        Files.Check(LibC.fstatvfs(fd.Number, &s), "fstatvfs", fd);
        return (long)((ulong)s.f_blocks * (ulong)s.f_frsize);
    }
}
