namespace Kvol.Native;

/// <summary>What the times of a file tell.</summary>
internal static class FileTimes
{
    /// <summary>Whether nothing was written since it was made, to the second: ffs_valloc() reads the clock for the one, ufs_itimes() a little later for the other.</summary>
    public static bool IsAsMade(in FileStatus status) => status.ModifyTime.Seconds - status.BirthTime.Seconds <= 1;
}
