namespace Kvol.Native;

/// <summary>Renames beyond rename(2): FreeBSD 13.5 has no call for them.</summary>
internal static class Exchange
{
    /// <summary>Whether a directory keeps its times when it is moved to another parent: ufs_rename() writes its "..", which changes them
    /// (sys/ufs/ufs/ufs_lookup.c).</summary>
    public static bool KeepsDirectoryTimes => false;

    /// <summary>Always false: nothing was done.</summary>
    public static bool TryMoveNew(Fd from, CName oldName, Fd to, CName name) => false;

    /// <summary>Always <see cref="Failure.NotSupported"/>.</summary>
    public static void Names(Fd directory, CName a, CName b) =>
        throw new NativeException("rename", a.ToString(), Errno.EOPNOTSUPP, "this system cannot exchange two names");
}
