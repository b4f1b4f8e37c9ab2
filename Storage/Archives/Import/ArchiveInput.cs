using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Puts the next bytes of a stream into a buffer; how many, none at its end.</summary>
internal delegate int ReadBytes(Span<byte> into);

/// <summary>A stream that is read once from its start: a file, a pipe or a socket. The spans it gives are valid until the next
/// call.</summary>
/// <param name="read">Where it comes from.</param>
/// <param name="subject">What messages call it.</param>
/// <param name="checkInterrupt">Throws when the command was interrupted.</param>
internal sealed class ArchiveInput(ReadBytes read, string subject, Action checkInterrupt)
{
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
    private int next, filled;

    /// <summary>Reads a descriptor, and calls <paramref name="checkInterrupt"/> while it waits for data.</summary>
    public ArchiveInput(Fd source, string subject, Action checkInterrupt)
        : this(into => Read(source, into, checkInterrupt), subject, checkInterrupt)
    {
    }

    /// <summary>Throws when the command was interrupted.</summary>
    public Action CheckInterrupt => checkInterrupt;

    /// <summary>Bytes given out so far.</summary>
    public long Count { get; private set; }

    /// <summary>Returns the next <paramref name="length"/> bytes without consuming them; fewer only at the end.</summary>
    public ReadOnlySpan<byte> Peek(int length)
    {
        while (filled - next < length && Fill())
        {
        }

        return buffer.AsSpan(next, Math.Min(length, filled - next));
    }

    /// <summary>The next <paramref name="length"/> bytes, at most what the buffer holds; an error (65) when the stream ends
    /// before.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        var bytes = Peek(length);
        if (bytes.Length < length)
        {
            throw Truncated();
        }

        next += length;
        Count += length;
        return bytes;
    }

    /// <summary>At least one and at most <paramref name="limit"/> bytes; an error (65) at the end.</summary>
    public ReadOnlySpan<byte> TakeSome(long limit)
    {
        if (next == filled && !Fill())
        {
            throw Truncated();
        }

        return Take((int)Math.Min(limit, filled - next));
    }

    /// <summary>What comes next, at most what the buffer holds; nothing at the end.</summary>
    public ReadOnlySpan<byte> TakeAny() => next == filled && !Fill() ? [] : Take(filled - next);

    /// <summary>Passes over bytes; an error (65) when the stream ends before.</summary>
    public void Skip(long length)
    {
        while (length > 0)
        {
            length -= TakeSome(length).Length;
        }
    }

    /// <summary>Reads to the end, so that the writer of a pipe can finish. True when there were only zeros, with which tar(1) fills the
    /// last record of an archive.</summary>
    public bool Drain()
    {
        var zeros = true;
        do
        {
            zeros = zeros && !buffer.AsSpan(next, filled - next).ContainsAnyExcept((byte)0);
            (next, filled) = (0, 0);
        }
        while (Fill());
        return zeros;
    }

    /// <summary>The error (65) for a malformed stream.</summary>
    public KvolException Damaged(string what) => new(ExitStatus.Damaged, subject, $"{what} at byte {Count}; nothing was imported");

    /// <summary>The error (65) for a member that exceeds one of the <see cref="TarLimits"/>.</summary>
    public KvolException Beyond(ByteString member, string what) => new(
        ExitStatus.Damaged, subject,
            $"'{CopyReport.Shorten(
            member)}' {what}; nothing was imported: unpack it with tar(1) into a mounted volume, or without that member");

    private KvolException Truncated() =>
        new(ExitStatus.Damaged, subject, $"ends at byte {Count + filled - next}, in the middle of the archive; nothing was imported");

    private bool Fill()
    {
        if (next > 0)
        {
            buffer.AsSpan(next, filled - next).CopyTo(buffer);
            (next, filled) = (0, filled - next);
        }

        var n = read(buffer.AsSpan(filled));
        filled += n;
        return n > 0;
    }

    private static int Read(Fd source, Span<byte> into, Action checkInterrupt)
    {
        do
        {
            checkInterrupt();
        }
        while (!Readiness.WaitToRead(source, 200));

        return Content.Read(source, into);
    }
}
