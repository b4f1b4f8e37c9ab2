using System;
using System.Buffers;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <content>The records of extended headers, pax(1) and those of star, libarchive and GNU tar.</content>
internal sealed partial class TarMember
{
    private bool ApplyName(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Is(key, "path"u8))
        {
            path = Path(value);
        }
        else if (Is(key, "linkpath"u8))
        {
            target = Target(value);
        }
        else if (Is(key, "size"u8))
        {
            return (length = Number(value)) is not null;
        }

        return value.IndexOf((byte)0) < 0 || !(Is(key, "path"u8) || Is(key, "linkpath"u8));
    }

    private bool ApplySchily(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.StartsWith("xattr."u8))
        {
            attributes.Add((AttributeName(key[6..], everything: false, ref attributeBytes), value.ToArray()));
        }
        else if (Is(key, "acl.access"u8) || Is(key, "acl.default"u8) || Is(key, "acl.ace"u8))
        {
            var kind = Is(key, "acl.access"u8) ? AclKind.Access : Is(key, "acl.default"u8) ? AclKind.Default : AclKind.Nfs4;
            acls.RemoveAll(a => a.Kind == kind);
            acls.Add((kind, Encoding.UTF8.GetString(Limited(value, TarLimits.Acl, "an ACL"))));
        }
        else if (Is(key, "fflags"u8))
        {
            flags = Encoding.UTF8.GetString(Limited(value, TarLimits.Flags, "a list of file flags"));
        }
        else if (Is(key, "devmajor"u8))
        {
            return (deviceMajor = Number(value)) is not null;
        }
        else if (Is(key, "devminor"u8))
        {
            return (deviceMinor = Number(value)) is not null;
        }

        return true;
    }

    // bsdtar writes attributes a second time like this: the name as in a URL, the value in base64 without its padding.
    private bool ApplyEncoded(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        value = value.TrimEnd((byte)'=');
        var bytes = new byte[(value.Length + 3) / 4 * 4];
        value.CopyTo(bytes);
        bytes.AsSpan(value.Length).Fill((byte)'=');
        if (Base64.DecodeFromUtf8InPlace(bytes, out var length) != OperationStatus.Done)
        {
            return false;
        }

        encoded.Add((AttributeName(name, everything: true, ref encodedBytes), bytes[..length]));
        return true;
    }

    private bool ApplySparse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Is(key, "name"u8))
        {
            path = Path(value);
            return value.IndexOf((byte)0) < 0;
        }

        if (Is(key, "map"u8))
        {
            hasMap = SparseMap.TryParse(value, extents);
            Refusal ??= hasMap ? null : "its map of holes cannot be read";
            return true;
        }

        if (Number(value) is not { } number)
        {
            return false;
        }

        if (Is(key, "major"u8))
        {
            sparseMajor = (int)Math.Min(number, 2);
            Refusal = number > 1 ? "has holes in a format that is not known" : Refusal;
        }
        else if (Is(key, "realsize"u8) || Is(key, "size"u8))
        {
            realSize = number;
        }
        else if (Is(key, "offset"u8))
        {
            extents.Add(new Extent(number, 0));
            hasMap = true;
        }
        else if (Is(key, "numbytes"u8) && extents.Count > 0)
        {
            extents.EndLast(number);
        }

        return true;
    }

    private byte[] Path(ReadOnlySpan<byte> value)
    {
        path = value[..Math.Min(value.Length, TarBlock.Size)].ToArray(); // what an error calls it
        var depth = Limited(value, TarLimits.Name, "a name").Count((byte)'/');
        return depth <= TarLimits.Depth ? value.ToArray()
            : throw beyond(new ByteString(path), $"lies {depth} directories deep; the limit is {TarLimits.Depth}");
    }

    private byte[] Target(ReadOnlySpan<byte> value) => Limited(value, TarLimits.Name, "a link to a name").ToArray();

    private ByteString AttributeName(ReadOnlySpan<byte> name, bool everything, ref int bytes)
    {
        bytes += name.Length + 1;
        return bytes <= TarLimits.AttributeNames ? new ByteString(PaxRecords.Unescape(name, everything))
            : throw beyond(new ByteString(path),
                $"has extended attributes whose names together exceed the limit of {TarLimits.AttributeNames} bytes");
    }

    private ReadOnlySpan<byte> Limited(ReadOnlySpan<byte> value, int most, string what) => value.Length <= most ? value
        : throw beyond(new ByteString(path), $"has {what} of {value.Length} bytes; the limit is {most}");

    private IReadOnlyList<(ByteString Name, byte[] Value)> AllAttributes()
    {
        if (encoded.Count == 0)
        {
            return attributes;
        }

        var names = attributes.Select(a => a.Name).ToHashSet();
        return [.. attributes, .. encoded.Where(e => !names.Contains(e.Name))];
    }

    private static bool Is(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name) => key.SequenceEqual(name);

    private static long? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length && value >= 0 ? value : null;
}
