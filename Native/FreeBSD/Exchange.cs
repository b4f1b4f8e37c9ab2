namespace Kvol.Native;

/// <summary>Two names change places at one instant: rename(2) of 13.5 has no such flag.</summary>
internal static class Exchange
{
    /// <summary>Always <see cref="Failure.NotSupported"/>.</summary>
    public static void Names(Fd directory, CName a, CName b) =>
        throw new NativeException("rename", a.ToString(), Errno.EOPNOTSUPP, "this system cannot exchange two names");
}
