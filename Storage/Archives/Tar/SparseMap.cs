using System;
using System.Buffers.Text;
using System.Collections.Generic;

namespace Kvol.Storage.Archives;

/// <summary>The maps of files with holes that GNU tar writes: old format, and 0.0, 0.1 and 1.0 in extended headers.</summary>
internal static class SparseMap
{
    /// <summary>Why a map is invalid, or null: pieces must be in order, inside the file, and add up to the stored data.</summary>
    public static string? Check(IReadOnlyList<Extent> extents, long size, long stored)
    {
        long end = 0, total = 0;
        foreach (var extent in extents)
        {
            if (extent.Length < 0 || extent.Offset < end || extent.Offset > size || extent.Length > size - extent.Offset)
            {
                return "its hole map is out of order";
            }

            end = extent.Offset + extent.Length;
            total += extent.Length;
        }

        return total == stored ? null : $"its hole map describes {total} bytes, but the archive has {stored}";
    }

    /// <summary>Format 0.1: offsets and lengths separated by commas. False when it is not a map.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, ExtentList extents)
    {
        extents.Clear();
        while (!text.IsEmpty)
        {
            if (!TryNumber(ref text, out var offset) || !TryNumber(ref text, out var length))
            {
                return false;
            }

            extents.Add(new Extent(offset, length));
        }

        return true;
    }

    /// <summary>Format 1.0: the map lies before the data, a number on each line, the count first, in whole blocks. The bytes read are
    /// subtracted from <paramref name="stored"/>. False when it is not a map.</summary>
    public static bool TryRead(ArchiveInput input, ref long stored, ExtentList extents)
    {
        extents.Clear();
        long wanted = -1, offset = -1;
        var number = -1L;
        while (wanted < 0 || extents.Count < wanted)
        {
            if (stored < TarBlock.Size)
            {
                return false;
            }

            stored -= TarBlock.Size;
            foreach (var b in input.Take(TarBlock.Size))
            {
                if (b is >= (byte)'0' and <= (byte)'9' && Math.Max(number, 0) <= (long.MaxValue - (b - '0')) / 10)
                {
                    number = (Math.Max(number, 0) * 10) + (b - '0');
                    continue;
                }

                if (b != '\n' || number < 0)
                {
                    return false;
                }

                if (wanted < 0)
                {
                    wanted = number;
                    extents.Require(wanted);
                }
                else if (offset < 0)
                {
                    offset = number;
                }
                else
                {
                    extents.Add(new Extent(offset, number));
                    offset = -1;
                }

                number = -1;
                if (extents.Count == wanted)
                {
                    break;
                }
            }
        }

        return true;
    }

    /// <summary>The old format: pairs of numbers in the header and in the blocks that follow it. False when it is not a map.</summary>
    public static bool TryReadOld(ReadOnlySpan<byte> header, ArchiveInput input, ExtentList extents)
    {
        extents.Clear();
        var more = header[TarBlock.GnuExtendedAt] != 0;
        if (!Add(header[TarBlock.GnuExtents]))
        {
            return false;
        }

        while (more)
        {
            var block = input.Take(TarBlock.Size);
            more = block[TarBlock.GnuMoreAt] != 0;
            if (!Add(block[..TarBlock.GnuMoreAt]))
            {
                return false;
            }
        }

        return true;

        bool Add(ReadOnlySpan<byte> pairs)
        {
            for (; pairs.Length >= 24 && pairs[0] != 0; pairs = pairs[24..])
            {
                if (TarBlock.Number(pairs[..12]) is not { } offset || TarBlock.Number(pairs[12..24]) is not { } length)
                {
                    return false;
                }

                extents.Add(new Extent(offset, length));
            }

            return true;
        }
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        if (!Utf8Parser.TryParse(text, out number, out var used) || number < 0 || (used < text.Length && text[used] != ','))
        {
            return false;
        }

        text = text[Math.Min(used + 1, text.Length)..];
        return true;
    }
}
