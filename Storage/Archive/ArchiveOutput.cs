using System;
using Kvol.Native;

namespace Kvol.Storage.Archive;

/// <summary>Collects what is written into large writes.</summary>
internal sealed class ArchiveOutput(Fd target)
{
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
    private int filled;

    /// <summary>Bytes taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>Room to put bytes into, at least <paramref name="wanted"/> of it where the buffer is that large; <see cref="Advance"/> takes them.</summary>
    public Span<byte> Room(int wanted)
    {
        if (buffer.Length - filled < Math.Min(wanted, buffer.Length))
        {
            Flush();
        }

        return buffer.AsSpan(filled);
    }

    /// <summary>Takes what was put into the room.</summary>
    public void Advance(int length)
    {
        filled += length;
        Count += length;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
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

    public void Flush()
    {
        Content.Write(target, buffer.AsSpan(0, filled));
        filled = 0;
    }
}
