using System;
using System.Runtime.Intrinsics;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>The 512 bytes that tar(5) puts before each member: where its fields are, and how numbers are written in them.</summary>
internal static class TarBlock
{
    public const int Size = 512;

    public static readonly Range Name = 0..100, Mode = 100..108, Uid = 108..116, Gid = 116..124, Length = 124..136, ModifyTime = 136..148,
        Checksum = 148..156, Link = 157..257,
        Magic = 257..265, DeviceMajor = 329..337, DeviceMinor = 337..345, Prefix = 345..500;

    /// <summary>Fields of GNU's old format for files with holes: four extents, whether blocks of more follow, and the real
    /// length.</summary>
    public static readonly Range GnuExtents = 386..482, GnuRealSize = 483..495;

    public const int TypeAt = 156, GnuExtendedAt = 482, GnuMoreAt = 504;

    /// <summary>A field of text, which ends at its first NUL or fills the field.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, Range field)
    {
        var text = block[field];
        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    /// <summary>A number: octal digits, or GNU's binary form when the first bit is set. Null when it is neither.</summary>
    public static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // Two's complement, in as many bytes as there are; the first byte's top bit is the mark.
            var value = (field[0] & 0x40) != 0 ? -1L : 0;
            foreach (var b in field[1..])
            {
                if (value is > (long.MaxValue >> 8) or < (long.MinValue >> 8))
                {
                    return null;
                }

                value = (value << 8) | b;
            }

            return value;
        }

        long octal = 0;
        foreach (var b in field.TrimStart((byte)' ').TrimEnd(" \0"u8))
        {
            if (b is < (byte)'0' or > (byte)'7' || octal > long.MaxValue >> 3)
            {
                return null;
            }

            octal = (octal << 3) | (uint)(b - '0');
        }

        return octal;
    }

    /// <summary>Writes octal digits and a NUL. False when there is no room.</summary>
    public static bool TryWrite(Span<byte> field, long value)
    {
        if (value < 0 || value >> (3 * (field.Length - 1)) != 0)
        {
            return false;
        }

        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
        {
            field[i] = (byte)('0' + (value & 7));
        }

        return true;
    }

    /// <summary>Whether the checksum is right; some old programs summed signed bytes.</summary>
    public static bool IsValid(ReadOnlySpan<byte> block) =>
        Number(block[Checksum]) is { } told && Sum(block) is var sum
            && (told == sum || told == sum - (256 * (High(block) - High(block[Checksum]))));

    /// <summary>Puts the checksum in.</summary>
    public static void Seal(Span<byte> block)
    {
        TryWrite(block[148..155], Sum(block));
        block[155] = (byte)' ';
    }

    public static bool IsZero(ReadOnlySpan<byte> block) => block.IndexOfAnyExcept((byte)0) < 0;

    // The sum of all bytes, the checksum's own counted as spaces.
    private static long Sum(ReadOnlySpan<byte> block)
    {
        long sum = 8 * ' ';
        foreach (var b in block[Checksum])
        {
            sum -= b;
        }

        var sums = Vector128<ushort>.Zero; // 64 numbers of 255 at most in each
        for (var i = 0; i < Size; i += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(block[i..(i + Vector128<byte>.Count)]);
            sums += Vector128.WidenLower(bytes) + Vector128.WidenUpper(bytes);
        }

        var (low, high) = Vector128.Widen(sums);
        return sum + Vector128.Sum(low + high);
    }

    // How many bytes are less by 256 when read as signed.
    private static int High(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var b in bytes)
        {
            count += b >> 7;
        }

        return count;
    }

    /// <summary>A time of an extended header: seconds with a fraction. Null when it is not a time.</summary>
    public static FileTime? Time(ReadOnlySpan<byte> text)
    {
        var negative = text is [(byte)'-', ..];
        text = negative ? text[1..] : text;
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        if (whole.Length is 0 or > 18 || whole.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return null;
        }

        long seconds = 0, nanoseconds = 0;
        foreach (var digit in whole)
        {
            seconds = (seconds * 10) + (digit - '0');
        }

        var fraction = dot < 0 ? default : text[(dot + 1)..];
        for (var i = 0; i < 9; i++)
        {
            var digit = i < fraction.Length ? fraction[i] : (byte)'0';
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return null;
            }

            nanoseconds = (nanoseconds * 10) + (digit - '0');
        }

        return !negative ? new FileTime(seconds, nanoseconds) : nanoseconds == 0 ? new FileTime(-seconds, 0)
            : new FileTime(-seconds - 1, 1_000_000_000 - nanoseconds);
    }
}
