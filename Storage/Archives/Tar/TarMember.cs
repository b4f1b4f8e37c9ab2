using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>A member while its headers are read: what the block says, and what extended headers say instead.</summary>
internal sealed class TarMember
{
    private readonly List<(ByteString Name, byte[] Value)> attributes = [], encoded = [];
    private readonly List<(AclKind Kind, string Text)> acls = [];
    private readonly List<Extent> pieces = [];
    private readonly bool isUstar;
    private readonly long? mode;
    private byte[] path, target;
    private long? length, uid, gid, realSize, deviceMajor, deviceMinor;
    private FileTime? modified, accessed, born;
    private string? flags, mapText;
    private int sparseMajor;

    public TarMember(ReadOnlySpan<byte> block, byte[]? longName, byte[]? longTarget)
    {
        Block = block.ToArray();
        isUstar = block[TarBlock.Magic].StartsWith("ustar\0"u8);
        var prefix = isUstar ? TarBlock.Text(block, TarBlock.Prefix) : default;
        var name = TarBlock.Text(block, TarBlock.Name);
        path = longName ?? (prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name]);
        target = longTarget ?? TarBlock.Text(block, TarBlock.Link).ToArray();
        (mode, uid, gid) = (TarBlock.Number(block[TarBlock.Mode]), TarBlock.Number(block[TarBlock.Uid]),
            TarBlock.Number(block[TarBlock.Gid]));
        length = TarBlock.Number(block[TarBlock.Length]);
        modified = TarBlock.Number(block[TarBlock.ModifyTime]) is { } seconds ? new FileTime(seconds, 0) : null;
    }

    public byte[] Block { get; }

    /// <summary>Bytes of data that follow the headers; null when that cannot be read.</summary>
    public long? StoredLength => HasData ? length is >= 0 and <= long.MaxValue - TarBlock.Size ? length : null : 0;

    /// <summary>Whether extended headers of its own came before it.</summary>
    public bool IsPax { get; set; }

    public bool HasOldMap => Type == 'S';

    public bool HasMapBeforeData => sparseMajor == 1;

    public List<Extent>? Extents { get; set; }

    public string? Refusal { get; set; }

    private char Type => (char)Block[TarBlock.TypeAt];

    // What tar(5) says of members other than files: a directory's length is a hint, a hard link has data only in a pax archive.
    private bool HasData => Type is not ('2' or '3' or '4' or '5' or '6') && (Type != '1' || IsPax);

    /// <summary>Takes one record of an extended header. False when its value makes no sense.</summary>
    public bool Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isGlobal)
    {
        if (value.IsEmpty && !key.StartsWith("SCHILY.xattr."u8))
        {
            return true; // an empty value takes a global one back
        }

        if (Is(key, "mtime"u8))
        {
            return (modified = TarBlock.Time(value)) is not null;
        }

        if (Is(key, "atime"u8))
        {
            return (accessed = TarBlock.Time(value)) is not null;
        }

        if (Is(key, "LIBARCHIVE.creationtime"u8))
        {
            return (born = TarBlock.Time(value)) is not null;
        }

        if (Is(key, "uid"u8))
        {
            return (uid = Number(value)) is not null;
        }

        if (Is(key, "gid"u8))
        {
            return (gid = Number(value)) is not null;
        }

        if (key.StartsWith("SCHILY."u8))
        {
            return ApplySchily(key[7..], value);
        }

        if (key.StartsWith("LIBARCHIVE.xattr."u8))
        {
            return ApplyEncoded(key[17..], value);
        }

        return isGlobal || (key.StartsWith("GNU.sparse."u8) ? ApplySparse(key[11..], value) : ApplyName(key, value));
    }

    /// <summary>The member, <paramref name="stored"/> bytes of data following; null when a number of it is none.</summary>
    public TarEntry? ToEntry(long stored)
    {
        if (mode is not { } bits || uid is not { } user || gid is not { } group || modified is not { } time)
        {
            return null;
        }

        var kind = Type switch
        {
            '\0' or '0' or '7' or 'S' when path is [.., (byte)'/'] => TarKind.Directory, // as v7 wrote them
            '\0' or '0' or '7' or 'S' => TarKind.Regular,
            '1' => TarKind.HardLink,
            '2' => TarKind.SymbolicLink,
            '3' => TarKind.CharacterDevice,
            '4' => TarKind.BlockDevice,
            '5' or 'D' => TarKind.Directory,
            '6' => TarKind.Fifo,
            _ => TarKind.Unknown,
        };
        if (kind is TarKind.CharacterDevice or TarKind.BlockDevice)
        {
            deviceMajor ??= TarBlock.Number(Block.AsSpan(TarBlock.DeviceMajor));
            deviceMinor ??= TarBlock.Number(Block.AsSpan(TarBlock.DeviceMinor));
        }

        var size = HasOldMap ? TarBlock.Number(Block.AsSpan(TarBlock.GnuRealSize)) ?? -1 : realSize ?? stored;
        var map = Extents ?? (pieces.Count > 0 ? pieces : mapText is not null ? SparseMap.Parse(Encoding.Latin1.GetBytes(mapText)) : null);
        Refusal ??= kind == TarKind.Unknown ? $"a member of type '{new ByteString([(byte)Type])}', which is not known"
            : user is < 0 or >= uint.MaxValue || group is < 0 or >= uint.MaxValue ? $"cannot belong to {user}:{group}"
            : deviceMajor is < 0 or > uint.MaxValue || deviceMinor is < 0 or > uint.MaxValue ? "a device with a number that none has"
            : target.Contains((byte)0) ? "a link to a name with a NUL in it, which no file can have"
            : mapText is not null && map is null ? "its map of holes cannot be read"
            : kind == TarKind.Regular && map is not null ? SparseMap.Check(map, size, stored)
            : null;
        return new TarEntry
        {
            Path = new ByteString(path),
            Kind = kind,
            Target = kind is TarKind.HardLink or TarKind.SymbolicLink ? new ByteString(target) : null,
            Mode = (uint)bits & Permissions.AllBits,
            Uid = (uint)user,
            Gid = (uint)group,
            Size = size,
            ModifyTime = time,
            AccessTime = accessed,
            BirthTime = born,
            DeviceMajor = (uint)(deviceMajor ?? 0),
            DeviceMinor = (uint)(deviceMinor ?? 0),
            Extents = map,
            Attributes = [.. attributes, .. encoded.Where(e => !attributes.Exists(a => a.Name.Equals(e.Name)))],
            Acls = acls,
            Flags = flags,
            Refusal = Refusal,
        };
    }

    private bool ApplyName(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Is(key, "path"u8))
        {
            path = value.ToArray();
        }
        else if (Is(key, "linkpath"u8))
        {
            target = value.ToArray();
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
            attributes.Add((new ByteString(PaxRecords.Unescape(key[6..], everything: false)), value.ToArray()));
        }
        else if (Is(key, "acl.access"u8) || Is(key, "acl.default"u8) || Is(key, "acl.ace"u8))
        {
            acls.Add((Is(key, "acl.access"u8) ? AclKind.Access : Is(key, "acl.default"u8) ? AclKind.Default
                : AclKind.Nfs4, Encoding.UTF8.GetString(value)));
        }
        else if (Is(key, "fflags"u8))
        {
            flags = Encoding.UTF8.GetString(value);
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
        var padded = Encoding.Latin1.GetString(value).TrimEnd('=');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='), bytes, out var length))
        {
            return false;
        }

        encoded.Add((new ByteString(PaxRecords.Unescape(name, everything: true)), bytes[..length]));
        return true;
    }

    private bool ApplySparse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Is(key, "name"u8))
        {
            path = value.ToArray();
            return value.IndexOf((byte)0) < 0;
        }

        if (Is(key, "map"u8))
        {
            mapText = Encoding.Latin1.GetString(value);
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
            pieces.Add(new Extent(number, 0));
        }
        else if (Is(key, "numbytes"u8) && pieces.Count > 0)
        {
            pieces[^1] = pieces[^1] with { Length = number };
        }

        return true;
    }

    private static bool Is(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name) => key.SequenceEqual(name);

    private static long? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length && value >= 0 ? value : null;
}
