namespace Kvol.Native;

/// <summary>FreeBSD has no user namespaces.</summary>
internal static class UserNamespace
{
    /// <summary>None.</summary>
    public static Fd Open(CName path, out ulong number)
    {
        _ = path;
        number = 0;
        return Fd.None;
    }

    /// <summary>Never.</summary>
    public static bool IsFirst(ulong number) => false;
}
