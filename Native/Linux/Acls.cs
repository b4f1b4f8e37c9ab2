using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>Access control lists as text. Linux stores them in extended attributes, acl(5), linux/posix_acl_xattr.h.</summary>
internal static class Acls
{
    private const int Version = 2;

    /// <summary>Whether an extended attribute holds a list; XFS shows its lists a second time in its own format.</summary>
    public static bool Carries(CName attribute) =>
        attribute.Bytes.StartsWith("system.posix_acl_"u8) || attribute.Bytes.StartsWith("trusted.SGI_ACL_"u8);

    /// <summary>The list of a file, or null; <paramref name="attributes"/> is what <see cref="Attributes.List"/> gave for it.</summary>
    public static string? Read(Fd at, CName name, ReadOnlySpan<byte> attributes, AclKind kind, ref byte[] buffer)
    {
        if (kind == AclKind.Nfs4 || attributes.IndexOf(Name(kind).Bytes) < 0)
        {
            return null;
        }

        var length = Attributes.Get(at, name, Name(kind), ref buffer);
        return PosixAcl.ToText(Entries(buffer.AsSpan(0, length)));
    }

    /// <summary>The entries of an access list in the value of its attribute; null when the attribute is another one.</summary>
    public static IReadOnlyList<AclEntry>? AccessEntries(CName attribute, ReadOnlySpan<byte> value) =>
        attribute.Bytes.SequenceEqual("system.posix_acl_access"u8) ? Entries(value) : null;

    private static List<AclEntry> Entries(ReadOnlySpan<byte> value)
    {
        var entries = new List<AclEntry>();
        for (var rest = value.Length < 4 ? default : value[4..]; rest.Length >= 8; rest = rest[8..])
        {
            entries.Add(new AclEntry(
                (AclTag)BinaryPrimitives.ReadUInt16LittleEndian(rest), BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                    BinaryPrimitives.ReadUInt16LittleEndian(rest[2..])));
        }

        return entries;
    }

    /// <summary>Sets the list of a file; <see cref="Failure.Invalid"/> or <see cref="Failure.NotSupported"/> when this system cannot store
    /// it.</summary>
    public static void Write(Fd at, CName name, AclKind kind, string text)
    {
        if (kind == AclKind.Nfs4)
        {
            throw new NativeException("setxattr", name.ToString(), Errno.EOPNOTSUPP, "NFSv4 ACLs are not known here");
        }

        var entries = PosixAcl.Parse(text)
            ?? throw new NativeException("setxattr", name.ToString(), Errno.EINVAL, $"no ACL: {new ByteString(text)}");
        var value = new byte[4 + (8 * entries.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(value, Version);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = value.AsSpan(4 + (8 * i), 8);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Tag is AclTag.User or AclTag.Group ? entries[i].Id
                : uint.MaxValue);
        }

        Attributes.Set(at, name, Name(kind), value);
    }

    /// <summary>The kind of lists that a file system has: <see cref="AclKind.Access"/> for those of POSIX.1e, <see cref="AclKind.Nfs4"/>,
    /// or null for none.</summary>
    public static AclKind? Model(Fd at)
    {
        var room = new byte[4096];
        foreach (var (kind, attribute) in ((AclKind, string)[])[(AclKind.Access, "system.posix_acl_access"),
            (AclKind.Nfs4, "system.nfs4_acl")])
        {
            try
            {
                _ = Attributes.Get(at, CName.Empty, new ByteString(attribute), ref room);
                return kind;
            }
            catch (NativeException e) when (e.Failure == Failure.NoData)
            {
                return kind;
            }
            catch (NativeException e) when (e.CannotHold)
            {
            }
        }

        return null;
    }

    private static CName Name(AclKind kind) =>
        kind == AclKind.Default ? CName.Of("system.posix_acl_default\0"u8) : CName.Of("system.posix_acl_access\0"u8);
}
