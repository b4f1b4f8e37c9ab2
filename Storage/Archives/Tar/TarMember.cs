using System;
using System.Buffers;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>A member while its headers are read: the values of the block, which extended headers override.</summary>
internal sealed partial class TarMember
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
    public TarMember(ReadOnlySpan<byte> block, byte[]? longName, byte[]? longTarget, ExtentList extents, Func<ByteString, string,
        Exception> beyond)
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
        (mode, uid, gid) = (TarBlock.Number(block[TarBlock.Mode]), TarBlock.Number(block[TarBlock.Uid]),
            TarBlock.Number(block[TarBlock.Gid]));
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

    /// <summary>Records that the map of holes was read.</summary>
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

    /// <summary>The member, followed by <paramref name="stored"/> bytes of data; null when one of its numbers is invalid.</summary>
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
        Refusal ??= kind == TarKind.Unknown ? $"unknown type '{new ByteString([(byte)Type])}'"
            : user is < 0 or >= uint.MaxValue || group is < 0 or >= uint.MaxValue ? $"invalid owner {user}:{group}"
            : deviceMajor is < 0 or > uint.MaxValue || deviceMinor is < 0 or > uint.MaxValue ? "invalid device number"
            : target.Contains((byte)0) ? "invalid target of a link: it contains a NUL"
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
}
