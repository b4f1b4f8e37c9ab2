using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>Buffers output and writes it in large pieces; without a <paramref name="target"/>, keeps it in memory.</summary>
internal sealed class ArchiveOutput(InterruptibleWriter? target)
{
    private const int Capacity = 1 << 20;

    private byte[] buffer = GC.AllocateUninitializedArray<byte>(target is not null ? Capacity : Capacity / 4);
    private int filled;

    /// <summary>Bytes taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>The buffered bytes that were not flushed.</summary>
    public ReadOnlySpan<byte> Collected => buffer.AsSpan(0, filled);

    /// <summary>A span to fill, of at least <paramref name="wanted"/> bytes where the buffer is that large; <see cref="Advance"/> then
    /// accepts the bytes.</summary>
    public Span<byte> Room(int wanted)
    {
        if (buffer.Length - filled < Math.Min(wanted, buffer.Length))
        {
            if (target is not null)
            {
                Flush();
            }
            else
            {
                Array.Resize(ref buffer, (filled + wanted) * 2);
            }
        }

        return buffer.AsSpan(filled);
    }

    /// <summary>Accepts the bytes that the caller put into the span of <see cref="Room"/>.</summary>
    public void Advance(int length)
    {
        filled += length;
        Count += length;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= Capacity / 8 && target is not null)
        {
            Flush();
            target.Write(bytes);
            Count += bytes.Length;
            return;
        }

        while (!bytes.IsEmpty)
        {
            var room = Room(1);
            var n = Math.Min(room.Length, bytes.Length);
            bytes[..n].CopyTo(room);
            Advance(n);
            bytes = bytes[n..];
        }
    }

    public void WriteZeros(long length)
    {
        while (length > 0)
        {
            var room = Room(1);
            var n = (int)Math.Min(room.Length, length);
            room[..n].Clear();
            Advance(n);
            length -= n;
        }
    }

    /// <summary>Writes the buffered bytes.</summary>
    public void Flush()
    {
        target!.Write(Collected);
        filled = 0;
    }

    /// <summary>Discards the buffered bytes.</summary>
    public void Clear() => (filled, Count) = (0, 0);
}
