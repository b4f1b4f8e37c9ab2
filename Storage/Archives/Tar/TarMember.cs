using System;
using System.Buffers;
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
    private readonly ExtentList extents;
    private readonly Func<ByteString, string, Exception> beyond;
    private readonly bool isUstar;
    private readonly long? mode;
    private byte[] path, target;
    private long? length, uid, gid, realSize, deviceMajor, deviceMinor;
    private FileTime? modified, accessed, born;
    private string? flags;
    private bool hasMap;
    private int sparseMajor, attributeBytes, encodedBytes, headerBytes;

    /// <param name="extents">Where its map of holes is put.</param>
    /// <param name="beyond">Makes the error (65) of a member that has too much of something, by its name.</param>
    public TarMember(ReadOnlySpan<byte> block, byte[]? longName, byte[]? longTarget, ExtentList extents, Func<ByteString, string, Exception> beyond)
    {
        (this.extents, this.beyond) = (extents, beyond);
        extents.Begin(this);
        Block = block.ToArray();
        isUstar = block[TarBlock.Magic].StartsWith("ustar\0"u8);
        var prefix = isUstar ? TarBlock.Text(block, TarBlock.Prefix) : default;
        var name = TarBlock.Text(block, TarBlock.Name);
        path = prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        path = longName is null ? path : Path(longName);
        target = longTarget is null ? TarBlock.Text(block, TarBlock.Link).ToArray() : Target(longTarget);
        (mode, uid, gid) = (TarBlock.Number(block[TarBlock.Mode]), TarBlock.Number(block[TarBlock.Uid]), TarBlock.Number(block[TarBlock.Gid]));
        length = TarBlock.Number(block[TarBlock.Length]);
        modified = TarBlock.Number(block[TarBlock.ModifyTime]) is { } seconds ? new FileTime(seconds, 0) : null;
    }

    public byte[] Block { get; }

    /// <summary>As far as it is known.</summary>
    public ByteString Name => new(path);

    /// <summary>Bytes of data that follow the headers; null when that cannot be read.</summary>
    public long? StoredLength => HasData ? length is >= 0 and <= long.MaxValue - TarBlock.Size ? length : null : 0;

    /// <summary>Whether extended headers of its own came before it.</summary>
    public bool IsPax { get; set; }

    public bool HasOldMap => Type == 'S';

    public bool HasMapBeforeData => sparseMajor == 1;

    /// <summary>Says that the map of holes was read.</summary>
    public void TakeMap() => hasMap = true;

    public string? Refusal { get; set; }

    private char Type => (char)Block[TarBlock.TypeAt];

    // What tar(5) says of members other than files: a directory's length is a hint, a hard link has data only in a pax archive.
    private bool HasData => Type is not ('2' or '3' or '4' or '5' or '6') && (Type != '1' || IsPax);

    /// <summary>Takes one record of an extended header. False when its value makes no sense.</summary>
    public bool Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isGlobal)
    {
        headerBytes += key.Length + value.Length;
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
        var map = hasMap ? extents : null;
        Refusal ??= kind == TarKind.Unknown ? $"a member of type '{new ByteString([(byte)Type])}', which is not known"
            : user is < 0 or >= uint.MaxValue || group is < 0 or >= uint.MaxValue ? $"cannot belong to {user}:{group}"
            : deviceMajor is < 0 or > uint.MaxValue || deviceMinor is < 0 or > uint.MaxValue ? "a device with a number that none has"
            : target.Contains((byte)0) ? "a link to a name with a NUL in it, which no file can have"
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
            HeaderBytes = headerBytes + path.Length + target.Length,
            Attributes = AllAttributes(),
            Acls = acls,
            Flags = flags,
            Refusal = Refusal,
        };
    }

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
        return depth <= TarLimits.Depth ? value.ToArray() : throw beyond(new ByteString(path), $"lies {depth} directories deep, and at most {TarLimits.Depth} are taken");
    }

    private byte[] Target(ReadOnlySpan<byte> value) => Limited(value, TarLimits.Name, "a link to a name").ToArray();

    private ByteString AttributeName(ReadOnlySpan<byte> name, bool everything, ref int bytes)
    {
        bytes += name.Length + 1;
        return bytes <= TarLimits.AttributeNames ? new ByteString(PaxRecords.Unescape(name, everything))
            : throw beyond(new ByteString(path), $"has extended attributes whose names are more than {TarLimits.AttributeNames} bytes together, which is the most that is taken");
    }

    private ReadOnlySpan<byte> Limited(ReadOnlySpan<byte> value, int most, string what) => value.Length <= most ? value
        : throw beyond(new ByteString(path), $"has {what} of {value.Length} bytes, and at most {most} are taken");

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
