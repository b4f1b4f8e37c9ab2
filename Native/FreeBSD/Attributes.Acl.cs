using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>An access control list that says more than the mode does: one of NFSv4 on ZFS, or the access and the default ACL of POSIX.1e on
/// UFS, as acl_get_fd_np(3) gave them.</summary>
internal sealed class Acl(List<(int Type, nint Handle)> parts) : IDisposable
{
    /// <summary>The ACLs by their ACL_TYPE of &lt;sys/acl.h&gt;.</summary>
    public IReadOnlyList<(int Type, nint Handle)> Parts => parts;

    /// <summary>acl_free(3).</summary>
    public void Dispose()
    {
        foreach (var (_, handle) in parts)
        {
            _ = Libc.acl_free(handle);
        }

        parts.Clear();
    }
}

/// <content>ACLs: acl(3).</content>
internal static unsafe partial class Attributes
{
    /// <summary>The ACL of an open object, or of a name in a directory, the link itself when it is one; null when it says no more than the
    /// mode (acl_is_trivial_np(3)) or the file system has none (pathconf(2)).</summary>
    public static Acl? ReadAcl(Fd at, CName name)
    {
        ReadOnlySpan<int> types = Libc.fpathconf(at.Number, Libc._PC_ACL_NFS4) > 0 ? [Libc.ACL_TYPE_NFS4]
            : Libc.fpathconf(at.Number, Libc._PC_ACL_EXTENDED) > 0 ? [Libc.ACL_TYPE_ACCESS, Libc.ACL_TYPE_DEFAULT]
            : [];
        var parts = new List<(int, nint)>();
        foreach (var type in types)
        {
            var acl = Acls.Get(at, name, type);
            if (acl == 0)
            {
                continue;
            }

            if (SaysMore(acl, type))
            {
                parts.Add((type, acl));
            }
            else
            {
                _ = Libc.acl_free(acl);
            }
        }

        return parts.Count == 0 ? null : new Acl(parts);
    }

    /// <summary>The permission bits of a file that does not get this ACL: see <see cref="PosixAcl.ModeWithout"/>. The mode of a file with
    /// an NFSv4 list grants no more than the list.</summary>
    public static uint ModeWithout(Acl acl, uint mode)
    {
        foreach (var (type, handle) in acl.Parts)
        {
            if (type == Libc.ACL_TYPE_ACCESS && Acls.Text(handle) is { } text && PosixAcl.Parse(text) is { } entries)
            {
                return PosixAcl.ModeWithout(mode, entries);
            }
        }

        return mode;
    }

    /// <summary>Whether the list is one of NFSv4.</summary>
    public static bool IsNfs4(Acl acl) => acl.Parts is [{ Type: Libc.ACL_TYPE_NFS4 }, ..];

    /// <summary>Sets the ACL of an open object, or of a name in a directory: acl_set_fd_np(3). With <paramref name="onlyDefault"/>, sets
    /// only the part that new children inherit, where the ACL has such a part.</summary>
    public static void WriteAcl(Fd at, CName name, Acl acl, bool onlyDefault)
    {
        foreach (var (type, handle) in acl.Parts)
        {
            if (!onlyDefault || type == Libc.ACL_TYPE_DEFAULT)
            {
                Acls.Set(at, name, type, handle);
            }
        }
    }

    /// <summary>Removes what a new directory inherited from its parent's ACL: acl_strip(3), acl_delete(3).</summary>
    public static void RemoveInheritedAcl(Fd directory)
    {
        using var acl = ReadAcl(directory, CName.Empty);
        foreach (var (type, handle) in acl?.Parts ?? [])
        {
            if (type == Libc.ACL_TYPE_DEFAULT)
            {
                Files.Check(Libc.acl_delete_fd_np(directory.Number, type), "acl_delete_fd_np", directory);
                continue;
            }

            var stripped = Libc.acl_strip_np(handle, 0);
            Files.Check(stripped == 0 ? -1 : Libc.acl_set_fd_np(directory.Number, stripped, type), "acl_set_fd_np", directory);
            _ = Libc.acl_free(stripped);
        }
    }

    private static bool SaysMore(nint acl, int type)
    {
        if (type == Libc.ACL_TYPE_DEFAULT)
        {
            nint entry;
            return Libc.acl_get_entry(acl, Libc.ACL_FIRST_ENTRY, &entry) == 1; // a directory without one has an empty one
        }

        int trivial;
        return Libc.acl_is_trivial_np(acl, &trivial) == 0 && trivial == 0;
    }
}
