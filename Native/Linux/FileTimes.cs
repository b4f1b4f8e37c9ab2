namespace Kvol.Native;

/// <summary>What the times of a file tell.</summary>
internal static class FileTimes
{
    /// <summary>Whether nothing was written since it was made: both times come from one clock reading (inode_init_ts and its
    /// like).</summary>
    public static bool IsAsMade(in FileStatus status) => status.ModifyTime == status.BirthTime;

    /// <summary>Does nothing: the times of a new directory are equal already.</summary>
    public static void SetAsMade(Fd directory)
    {
    }
}
