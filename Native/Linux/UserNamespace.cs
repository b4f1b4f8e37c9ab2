namespace Kvol.Native;

/// <summary>User namespaces by the files that name them: user_namespaces(7), ioctl_ns(2).</summary>
internal static unsafe class UserNamespace
{
    // PROC_USER_INIT_INO of include/linux/proc_ns.h
    private const ulong First = 0xEFFFFFFD;

    /// <summary>Opens the user namespace at the administrator's own path, such as /proc/PID/ns/user, links followed. Whatever else is there
    /// is not opened but looked at, and <see cref="Fd.None"/> returned. <paramref name="number"/> tells two namespaces that exist at the
    /// same time apart.</summary>
    public static Fd Open(CName path, out ulong number)
    {
        number = 0;
        using var reference = Files.OpenReference(path);
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(reference.Number, &s), "fstatfs", reference);
        if (s.f_type != Libc.NSFS_MAGIC)
        {
            return Fd.None;
        }

        var found = Files.OpenReferenced(reference);
        if (Libc.ioctl(found.Number, Libc.NS_GET_NSTYPE, 0) != Libc.CLONE_NEWUSER)
        {
            found.Dispose();
            return Fd.None;
        }

        number = Files.Status(found).Identity.Inode;
        return found;
    }

    /// <summary>Whether a <see cref="Open">number</see> is that of the namespace that the system began with, in which every id is
    /// itself.</summary>
    public static bool IsFirst(ulong number) => number == First;
}
