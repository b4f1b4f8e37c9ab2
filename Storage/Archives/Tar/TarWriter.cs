using System;
using System.Collections.Generic;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Writes the headers of a tar archive in the pax format, tar(5), as GNU tar and bsdtar both read it: it writes names and links as
/// bytes, values that do not fit into the header block into an extended header, and files with holes in GNU's format 1.0.
/// System.Formats.Tar is not used: its names and attribute values are strings of UTF-8, it knows no holes, and it wants the length of a
/// stream that cannot be sought.</summary>
/// <param name="keepsBirth">Whether it writes times of birth. GNU tar warns about unknown records once for every file. So archives for GNU
/// tar have no times of birth, and flags only where a file has some.</param>
internal sealed class TarWriter(ArchiveOutput output, bool keepsBirth = false)
{
    private readonly PaxRecords pax = new();
    private readonly byte[] block = new byte[TarBlock.Size];

    /// <summary>Where it writes to.</summary>
    public ArchiveOutput Output { get; set; } = output;

    /// <summary>Writes the header of a member. Its data follows: <paramref name="stored"/> bytes, after the map when it has
    /// holes.</summary>
    public void Header(TarEntry entry, long stored)
    {
        byte[] map = entry.Extents is { } extents ? Map(extents) : [];
        stored += map.Length;
        pax.Clear();
        block.AsSpan().Clear();
        if (map.Length > 0)
        {
            pax.Add("GNU.sparse.major"u8, 1);
            pax.Add("GNU.sparse.minor"u8, 0);
            pax.Add("GNU.sparse.name"u8, entry.Path.Bytes);
            pax.Add("GNU.sparse.realsize"u8, entry.Size);
            var last = entry.Path.Bytes[(entry.Path.Bytes.LastIndexOf((byte)'/') + 1)..];
            byte[] shown = [.. "GNUSparseFile.0/"u8, .. last[..Math.Min(last.Length, 84)]];
            shown.CopyTo(block, 0);
        }
        else
        {
            Path(entry.Path.Bytes);
        }

        if (entry.Target is { } target && !Fits(block.AsSpan(TarBlock.Link), target.Bytes))
        {
            AddName("linkpath"u8, target.Bytes);
        }

        Number(TarBlock.Mode, "mode"u8, entry.Mode);
        Number(TarBlock.Uid, "uid"u8, entry.Uid);
        Number(TarBlock.Gid, "gid"u8, entry.Gid);
        Number(TarBlock.Length, "size"u8, stored);
        if (!TarBlock.TryWrite(block.AsSpan(TarBlock.ModifyTime), entry.ModifyTime.Seconds) || entry.ModifyTime.Nanoseconds != 0)
        {
            pax.Add("mtime"u8, entry.ModifyTime);
        }

        if (entry.Kind != TarKind.HardLink)
        {
            Extras(entry);
        }

        Number(TarBlock.DeviceMajor, "SCHILY.devmajor"u8, entry.DeviceMajor);
        Number(TarBlock.DeviceMinor, "SCHILY.devminor"u8, entry.DeviceMinor);
        Extend();
        Finish(block, entry.Kind switch
        {
            TarKind.HardLink => '1',
            TarKind.SymbolicLink => '2',
            TarKind.CharacterDevice => '3',
            TarKind.BlockDevice => '4',
            TarKind.Directory => '5',
            TarKind.Fifo => '6',
            _ => '0',
        });
        Output.Write(map);
    }

    /// <summary>Fills the last block of a member's data.</summary>
    public void Pad(long stored) => Output.WriteZeros(-stored & (TarBlock.Size - 1));

    /// <summary>Ends the archive: two blocks of zeros, and as many as a tape's record wants.</summary>
    public void End()
    {
        Output.WriteZeros(2 * TarBlock.Size);
        var over = Output.Count % 10240;
        Output.WriteZeros(over == 0 ? 0 : 10240 - over);
        Output.Flush();
    }

    private void Extras(TarEntry entry)
    {
        if (entry.AccessTime is { } accessed)
        {
            pax.Add("atime"u8, accessed);
        }

        if (keepsBirth && entry.BirthTime is { } born)
        {
            pax.Add("LIBARCHIVE.creationtime"u8, born);
        }

        for (var i = 0; i < entry.Acls.Count; i++)
        {
            var (kind, text) = entry.Acls[i];
            pax.Add(kind switch
            {
                AclKind.Access => "SCHILY.acl.access"u8,
                AclKind.Default => "SCHILY.acl.default"u8,
                _ =>
                "SCHILY.acl.ace"u8
            }, Encoding.UTF8.GetBytes(text));
        }

        for (var i = 0; i < entry.Attributes.Count; i++)
        {
            var (name, value) = entry.Attributes[i];
            pax.Add([.. "SCHILY.xattr."u8, .. PaxRecords.Escape(name.Bytes)], value);
        }

        if (entry.Flags is { } flags)
        {
            pax.Add("SCHILY.fflags"u8, Encoding.UTF8.GetBytes(flags));
        }
    }

    private void Path(ReadOnlySpan<byte> path)
    {
        if (Fits(block.AsSpan(TarBlock.Name), path))
        {
            return;
        }

        // The name may be cut at a slash: what is before it goes into the prefix.
        var cut = path[..Math.Min(path.Length, 156)].LastIndexOf((byte)'/');
        if (cut > 0 && path.Length - cut - 1 is > 0 and <= 100)
        {
            path[(cut + 1)..].CopyTo(block.AsSpan(TarBlock.Name));
            path[..cut].CopyTo(block.AsSpan(TarBlock.Prefix));
            return;
        }

        path[..100].CopyTo(block);
        AddName("path"u8, path);
    }

    private void AddName(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name)
    {
        if (name.IndexOfAnyInRange((byte)0x80, (byte)0xff) >= 0)
        {
            pax.Add("hdrcharset"u8, "BINARY"u8); // without it the value would have to be UTF-8
        }

        pax.Add(key, name);
    }

    private static bool Fits(Span<byte> field, ReadOnlySpan<byte> text)
    {
        if (text.Length > 100)
        {
            return false;
        }

        text.CopyTo(field);
        return true;
    }

    private void Number(Range field, ReadOnlySpan<byte> key, long value)
    {
        if (!TarBlock.TryWrite(block.AsSpan(field), value))
        {
            pax.Add(key, value);
        }
    }

    private void Extend()
    {
        if (pax.Bytes.IsEmpty)
        {
            return;
        }

        Span<byte> header = stackalloc byte[TarBlock.Size];
        header.Clear();
        "././@PaxHeader"u8.CopyTo(header);
        TarBlock.TryWrite(header[TarBlock.Mode], Permissions.AllRead);
        TarBlock.TryWrite(header[TarBlock.Uid], 0);
        TarBlock.TryWrite(header[TarBlock.Gid], 0);
        TarBlock.TryWrite(header[TarBlock.Length], pax.Bytes.Length);
        TarBlock.TryWrite(header[TarBlock.ModifyTime], 0);
        Finish(header, 'x');
        Output.Write(pax.Bytes);
        Pad(pax.Bytes.Length);
    }

    private void Finish(Span<byte> header, char type)
    {
        header[TarBlock.TypeAt] = (byte)type;
        "ustar\0"u8.CopyTo(header[TarBlock.Magic]);
        "00"u8.CopyTo(header[263..]);
        TarBlock.Seal(header);
        Output.Write(header);
    }

    private static byte[] Map(IReadOnlyList<Extent> extents)
    {
        var text = new StringBuilder().Append(extents.Count).Append('\n');
        foreach (var extent in extents)
        {
            text.Append(extent.Offset).Append('\n').Append(extent.Length).Append('\n');
        }

        text.Append('\0', -text.Length & (TarBlock.Size - 1));
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
