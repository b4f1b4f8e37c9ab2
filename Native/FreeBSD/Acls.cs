using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace Kvol.Native;

/// <summary>Access control lists as text: acl_to_text_np(3), acl_from_text(3). A file system has lists of POSIX.1e or of NFSv4 (ZFS), never
/// both.</summary>
internal static unsafe class Acls
{
    /// <summary>Never: here lists are not among the extended attributes.</summary>
    public static bool Carries(CName attribute) => attribute.Bytes.IsEmpty;

    /// <summary>Null: here no attribute holds a list.</summary>
    public static IReadOnlyList<AclEntry>? AccessEntries(CName attribute, ReadOnlySpan<byte> value) => null;

    /// <summary>The list of an open object, or of a name in a directory, the link itself when it is one; null when it says no more than the
    /// mode. Only systems that store lists in extended attributes use <paramref name="attributes"/> and
    /// <paramref name="buffer"/>.</summary>
    public static string? Read(Fd at, CName name, ReadOnlySpan<byte> attributes, AclKind kind, ref byte[] buffer)
    {
        var acl = Get(at, name, Type(kind));
        if (acl == 0)
        {
            return null;
        }

        var trivial = 0;
        try
        {
            return kind != AclKind.Default && Libc.acl_is_trivial_np(acl, &trivial) == 0 && trivial != 0 ? null : Text(acl);
        }
        finally
        {
            _ = Libc.acl_free(acl);
        }
    }

    /// <summary>The entries of a list, separated by commas; null when there are none. acl_to_text_np(3) adds a comment to an entry that the
    /// mask limits; it is removed.</summary>
    public static string? Text(nint acl)
    {
        nint length = 0;
        var text = Libc.acl_to_text_np(acl, &length, Libc.ACL_TEXT_NUMERIC_IDS);
        try
        {
            return text is null || length == 0 ? null : OnOneLine(Encoding.UTF8.GetString(text, (int)length));
        }
        finally
        {
            _ = Libc.acl_free((nint)text);
        }
    }

    /// <summary>Sets the list of a file; <see cref="Failure.Invalid"/> or <see cref="Failure.NotSupported"/> when this file system cannot
    /// store it.</summary>
    public static void Write(Fd at, CName name, AclKind kind, string text)
    {
        var plain = ForLibrary(kind, text) ?? throw new NativeException("acl_from_text", name.ToString(), Errno.EINVAL);
        nint acl;
        fixed (byte* t = new ByteString(plain).Terminated)
        {
            acl = Libc.acl_from_text(t);
        }

        Files.Check(acl == 0 ? -1 : 0, "acl_from_text", at, name);
        try
        {
            Set(at, name, Type(kind), acl);
        }
        finally
        {
            _ = Libc.acl_free(acl);
        }
    }

    /// <summary>acl_get_fd_np(3), acl_get_link_np(3); 0 when there is no list of this ACL_TYPE. The caller frees the result.</summary>
    public static nint Get(Fd at, CName name, int type)
    {
        var acl = Attributes.Call(at, name, (fd, path) =>
        {
            fixed (byte* p = path)
            {
                return path is null ? Libc.acl_get_fd_np(fd, type) : Libc.acl_get_link_np(p, type);
            }
        });

        // Only a directory has a default ACL: EINVAL. A file system need not keep one for a link, or any.
        var errno = acl == 0 ? Marshal.GetLastPInvokeError() : 0;
        return acl != 0 || Errno.Meaning(errno) is Failure.Invalid or Failure.NotSupported or Failure.NoData ? acl
            : throw Files.Failed("acl_get", at, name, errno);
    }

    /// <summary>acl_set_fd_np(3), acl_set_link_np(3).</summary>
    public static void Set(Fd at, CName name, int type, nint acl) => Files.Check(
        Attributes.Call(at, name, (fd, path) =>
        {
            fixed (byte* p = path)
            {
                return path is null ? Libc.acl_set_fd_np(fd, acl, type) : Libc.acl_set_link_np(p, type, acl);
            }
        }),
        "acl_set", at, name);

    /// <summary>The kind of lists that a file system has, pathconf(2): <see cref="AclKind.Access"/> for those of POSIX.1e,
    /// <see cref="AclKind.Nfs4"/>, or null for none.</summary>
    public static AclKind? Model(Fd at) => Libc.fpathconf(at.Number, Libc._PC_ACL_NFS4) > 0 ? AclKind.Nfs4
        : Libc.fpathconf(at.Number, Libc._PC_ACL_EXTENDED) > 0 ? AclKind.Access : null;

    /// <summary>Converts the output of acl_to_text(3), one entry on each line, to entries separated by commas, without comments.</summary>
    internal static string OnOneLine(string text) =>
        string.Join(',', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('#')[0].Trim()));

    /// <summary>Converts the text of an archive for acl_from_text(3), which does not accept a numeric id as a last field; null when the
    /// text is not a POSIX.1e list.</summary>
    internal static string? ForLibrary(AclKind kind, string text) => kind == AclKind.Nfs4
        ? string.Join('\n', text.Split(',')
            .Select(e => e.Split(':') is [var who, _, var bits, var flags, var type, var id] ? $"{who}:{id}:{bits}:{flags}:{type}" : e))
        : PosixAcl.Parse(text) is { } entries ? PosixAcl.ToText(entries) : null;

    private static int Type(AclKind kind) => kind switch
    {
        AclKind.Access => Libc.ACL_TYPE_ACCESS,
        AclKind.Default => Libc.ACL_TYPE_DEFAULT,
        _ => Libc.ACL_TYPE_NFS4,
    };
}
