namespace Kvol.Native;

/// <summary>What rename(2) itself does not do: 13.5 has no such call.</summary>
internal static class Exchange
{
    /// <summary>Whether a directory that gets another parent keeps its times here: ufs_rename() writes its "..", which changes them
    /// (sys/ufs/ufs/ufs_lookup.c).</summary>
    public static bool KeepsDirectoryTimes => false;

    /// <summary>Always false: nothing was done.</summary>
    public static bool TryMoveNew(Fd from, CName name, Fd to) => false;

    /// <summary>Always <see cref="Failure.NotSupported"/>.</summary>
    public static void Names(Fd directory, CName a, CName b) =>
        throw new NativeException("rename", a.ToString(), Errno.EOPNOTSUPP, "this system cannot exchange two names");
}
