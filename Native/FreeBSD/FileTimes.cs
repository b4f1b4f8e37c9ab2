namespace Kvol.Native;

/// <summary>What the times of a file tell.</summary>
internal static class FileTimes
{
    /// <summary>Whether nothing was written since <see cref="SetAsMade"/>. For the root directory of a dataset: since the dataset was
    /// created, because zfs_mknode (module/os/freebsd/zfs/zfs_znode_os.c) reads the clock once for both times.</summary>
    public static bool IsAsMade(in FileStatus status) => status.ModifyTime == status.BirthTime;

    /// <summary>Makes the times of a new directory equal. UFS reads the clock for the time of birth (ffs_valloc), and again a little later
    /// for the other times (ufs_itimes).</summary>
    public static void SetAsMade(Fd directory)
    {
        var status = Files.Status(directory);
        Files.SetTimes(directory, CName.Empty, status with { ModifyTime = status.BirthTime });
    }
}
