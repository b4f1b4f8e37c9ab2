namespace Kvol.Native;

/// <summary>FreeBSD's file systems know quotas of users and groups, quotactl(2), and none of directories.</summary>
internal static class ProjectQuota
{
    /// <summary>What a file system lacks, and what to do.</summary>
    public static string Hint => "does not support quotas on directories; keep the volume in a ZFS store";

    /// <summary>Never.</summary>
    public static bool IsEnforced(Fd fd) => false;

    /// <summary>None.</summary>
    public static uint ProjectOf(Fd fd) => 0;

    /// <summary>There are no projects.</summary>
    public static void SetProject(Fd fd, uint project, bool isDirectory) => throw Missing(fd);

    /// <summary>There are no projects.</summary>
    public static (ulong Limit, ulong Used, ulong Files) Read(Fd fd, uint project) => throw Missing(fd);

    /// <summary>There are no projects.</summary>
    public static void SetLimit(Fd fd, uint project, ulong limit) => throw Missing(fd);

    private static NativeException Missing(Fd fd) => Files.Failed("quotactl", fd, Errno.EOPNOTSUPP);
}
