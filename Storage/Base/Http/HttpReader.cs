using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Puts the next bytes that a client sent into a buffer; how many, none at the end or after the time that a request may
/// take.</summary>
internal delegate int ReceiveBytes(Span<byte> into);

/// <summary>Reads requests of HTTP/1.1 and 1.0 from one connection, RFC 9112. Stricter than the RFC demands: lines end in CR LF, no header
/// goes over several lines, and lengths that could be read in two ways are refused. What is not a request is an error (65); nothing can be
/// read after it.</summary>
/// <param name="receive">Where the bytes come from.</param>
/// <param name="proceed">Sends that the client may go on, if it waits for that before it sends a body (<c>Expect:
/// 100-continue</c>).</param>
internal sealed class HttpReader(ReceiveBytes receive, Action proceed)
{
    /// <summary>The bytes of the longest line, without its end.</summary>
    public const int LongestLine = 8 * 1024;

    /// <summary>How many headers a request may have.</summary>
    public const int MostHeaders = 64;

    /// <summary>The bytes of the largest body.</summary>
    public const int LargestBody = 1 << 20;

    private const string Subject = "request";

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly byte[] buffer = new byte[LongestLine + 2];
    private int next, filled;

    /// <summary>The next request; null if the client sends none.</summary>
    public HttpRequest? Next()
    {
        if (next == filled && !Fill())
        {
            return null;
        }

        var line = Line();
        if (line.IsEmpty)
        {
            line = Line(); // some clients end a body with an empty line
        }

        var (method, target, isOld) = RequestLine(line);
        var head = ReadHead(isOld);
        if (head.Expects && next == filled && (head.IsChunked || head.Length > 0))
        {
            proceed();
        }

        var body = head.IsChunked ? Chunks() : Body((int)(head.Length ?? 0));
        return new HttpRequest(method, target, body, IsLast: isOld || head.Closes);
    }

    private static (string Method, string Target, bool IsOld) RequestLine(ReadOnlySpan<byte> line)
    {
        int first = line.IndexOf((byte)' '), last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last == first || !IsToken(line[..first]) || !IsTarget(line[(first + 1)..last]))
        {
            throw Wrong("its first line is not METHOD PATH VERSION");
        }

        var version = line[(last + 1)..];
        var isOld = version.SequenceEqual("HTTP/1.0"u8);
        return isOld || version.SequenceEqual("HTTP/1.1"u8)
            ? (Encoding.ASCII.GetString(line[..first]), Encoding.ASCII.GetString(line[(first + 1)..last]), isOld)
            : throw Wrong("its version is neither HTTP/1.1 nor HTTP/1.0");
    }

    private Head ReadHead(bool isOld)
    {
        var head = new Head();
        for (var count = 0; Line() is { IsEmpty: false } line; count++)
        {
            if (count == MostHeaders)
            {
                throw Wrong($"it has more than {MostHeaders} headers");
            }

            var colon = Math.Max(0, line.IndexOf((byte)':'));
            var name = line[..colon];
            var value = line[Math.Min(colon + 1, line.Length)..].Trim(" \t"u8);
            if (!IsToken(name) || !IsText(value))
            {
                throw Wrong("a header is not NAME: VALUE");
            }

            head = head.With(name, value);
        }

        return head is { IsChunked: true, Length: not null } ? throw Wrong("it has a length and chunks")
            : head.IsChunked && isOld ? throw Wrong("HTTP/1.0 has no chunks") : head;
    }

    private byte[] Body(int length)
    {
        var body = new byte[length];
        for (var at = 0; at < length;)
        {
            at += Take(body.AsSpan(at));
        }

        return body;
    }

    // Section 7.1: a size in hexadecimal digits, perhaps extensions, the bytes, and at the end trailers like headers.
    private ReadOnlyMemory<byte> Chunks()
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var line = Line();
            var digits = line.IndexOf((byte)';') is >= 0 and var end ? line[..end].TrimEnd(" \t"u8) : line;
            if (digits.Length is 0 or > 8
                || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
            {
                throw Wrong("the size of a chunk is not a hexadecimal number");
            }

            if (size == 0)
            {
                _ = ReadHead(isOld: false);
                return body.WrittenMemory;
            }

            if (size > LargestBody - body.WrittenCount)
            {
                throw TooLarge();
            }

            for (var left = (int)size; left > 0;)
            {
                var taken = Take(body.GetSpan(left)[..left]);
                body.Advance(taken);
                left -= taken;
            }

            if (!Line().IsEmpty)
            {
                throw Wrong("a chunk is longer than its size");
            }
        }
    }

    private int Take(Span<byte> into)
    {
        if (next == filled && !Fill())
        {
            throw Short();
        }

        var count = Math.Min(into.Length, filled - next);
        buffer.AsSpan(next, count).CopyTo(into);
        next += count;
        return count;
    }

    /// <summary>The next line without its end; valid until the next call.</summary>
    private ReadOnlySpan<byte> Line()
    {
        for (var searched = 0; ;)
        {
            var there = buffer.AsSpan(next, filled - next);
            var at = there[searched..].IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = there[..(searched + at)];
                next += line.Length + 1;
                return line is [.. var text, (byte)'\r'] ? text : throw Wrong("a line does not end in CR LF");
            }

            searched = there.Length;
            if (searched == buffer.Length)
            {
                throw Wrong($"a line is longer than {LongestLine} bytes");
            }

            if (!Fill())
            {
                throw Short();
            }
        }
    }

    private bool Fill()
    {
        if (next > 0)
        {
            buffer.AsSpan(next, filled - next).CopyTo(buffer);
            (next, filled) = (0, filled - next);
        }

        var n = receive(buffer.AsSpan(filled));
        filled += n;
        return n > 0;
    }

    private static bool IsToken(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyExcept(Token);

    private static bool IsTarget(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static bool IsText(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (b is < (byte)' ' and not (byte)'\t' or 0x7f)
            {
                return false;
            }
        }

        return true;
    }

    private static KvolException Wrong(string what) => new(ExitStatus.Damaged, Subject, what);

    private static KvolException Short() => Wrong("it ends in the middle, or did not come in time");

    private static KvolException TooLarge() => Wrong($"its body is larger than {Size.Words(LargestBody)}");

    /// <summary>The headers that say how a request is read. All others are passed over.</summary>
    private readonly record struct Head(long? Length, bool IsChunked, bool Closes, bool Expects)
    {
        public Head With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
            {
                return Length is not null ? throw Wrong("it has two lengths") : this with { Length = Number(value) };
            }

            if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
            {
                return !IsChunked && Ascii.EqualsIgnoreCase(value, "chunked"u8) ? this with { IsChunked = true }
                    : throw Wrong("its transfer encoding is not chunked");
            }

            if (Ascii.EqualsIgnoreCase(name, "expect"u8))
            {
                return Ascii.EqualsIgnoreCase(value, "100-continue"u8) ? this with { Expects = true }
                    : throw Wrong("it expects something other than 100-continue");
            }

            return Ascii.EqualsIgnoreCase(name, "connection"u8) ? this with { Closes = Closes || HasClose(value) } : this;
        }

        private static long Number(ReadOnlySpan<byte> value) =>
            !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? throw Wrong("its length is not a number") : length > LargestBody ? throw TooLarge() : length;

        private static bool HasClose(ReadOnlySpan<byte> value)
        {
            foreach (var part in value.Split((byte)','))
            {
                if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), "close"u8))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
