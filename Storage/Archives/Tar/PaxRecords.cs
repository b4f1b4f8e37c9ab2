using System;
using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>The records of an extended header, pax(1): <c>LENGTH KEY=VALUE\n</c>, the value being bytes of any kind.</summary>
internal sealed class PaxRecords
{
    private byte[] bytes = new byte[4096];
    private int filled;

    /// <summary>What was added.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, filled);

    public void Clear() => filled = 0;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // The length counts its own digits.
        var rest = key.Length + value.Length + 3;
        var digits = 1;
        while (Digits(rest + digits) > digits)
        {
            digits++;
        }

        var length = rest + digits;
        if (bytes.Length - filled < length + 16)
        {
            Array.Resize(ref bytes, (filled + length) * 2);
        }

        Utf8Formatter.TryFormat(length, bytes.AsSpan(filled), out var n);
        var to = bytes.AsSpan(filled + n);
        to[0] = (byte)' ';
        key.CopyTo(to[1..]);
        to[key.Length + 1] = (byte)'=';
        value.CopyTo(to[(key.Length + 2)..]);
        to[key.Length + 2 + value.Length] = (byte)'\n';
        filled += length;
    }

    public void Add(ReadOnlySpan<byte> key, long value)
    {
        Span<byte> text = stackalloc byte[24];
        Utf8Formatter.TryFormat(value, text, out var n);
        Add(key, text[..n]);
    }

    /// <summary>Adds a time to the nanosecond.</summary>
    public void Add(ReadOnlySpan<byte> key, FileTime time)
    {
        Span<byte> text = stackalloc byte[40];
        var at = 0;
        var negative = time.Seconds < 0;
        var behind = negative && time.Nanoseconds != 0; // -5 s and 1 ns is -4.999999999
        if (negative)
        {
            text[at++] = (byte)'-';
        }

        Utf8Formatter.TryFormat(Math.Abs(time.Seconds) - (behind ? 1 : 0), text[at..], out var n);
        at += n;
        if (time.Nanoseconds != 0)
        {
            text[at++] = (byte)'.';
            Utf8Formatter.TryFormat(behind ? 1_000_000_000 - time.Nanoseconds
                : time.Nanoseconds, text[at..], out n, new StandardFormat('D', 9));
            at += n;
        }

        Add(key, text[..at]);
    }

    /// <summary>Removes the first record and returns it. False when there is no valid record.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> records, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        if (!Utf8Parser.TryParse(records, out int length, out var digits) || length <= digits + 2 || length > records.Length
            || records[digits] != ' ' || records[length - 1] != '\n')
        {
            return false;
        }

        var record = records[(digits + 1)..(length - 1)];
        var equals = record.IndexOf((byte)'=');
        if (equals < 0)
        {
            return false;
        }

        key = record[..equals];
        value = record[(equals + 1)..];
        records = records[length..];
        return true;
    }

    /// <summary>The name of an attribute as part of a key: GNU tar writes what would end it as <c>%3D</c>.</summary>
    public static byte[] Escape(ReadOnlySpan<byte> name) => name.IndexOfAny((byte)'%', (byte)'=') < 0
        ? name.ToArray()
        : Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(name).Replace("%", "%25", StringComparison.Ordinal)
            .Replace("=", "%3D", StringComparison.Ordinal));

    /// <summary>Reverses that; with <paramref name="everything"/>, any byte may be escaped, as in a URL.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> name, bool everything)
    {
        var plain = new byte[name.Length];
        var length = 0;
        for (; !name.IsEmpty; length++)
        {
            if (name is [(byte)'%', _, _, ..] && Utf8Parser.TryParse(name[1..3], out byte value, out var used, 'x') && used == 2
                && (everything || value is (byte)'%' or (byte)'='))
            {
                plain[length] = value;
                name = name[3..];
            }
            else
            {
                plain[length] = name[0];
                name = name[1..];
            }
        }

        return plain[..length];
    }

    private static int Digits(int value)
    {
        var digits = 1;
        for (; value >= 10; value /= 10)
        {
            digits++;
        }

        return digits;
    }
}
