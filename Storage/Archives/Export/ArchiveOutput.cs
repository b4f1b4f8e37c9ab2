using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>Collects what is written into large writes; or in memory, where there is no <paramref name="target"/>.</summary>
internal sealed class ArchiveOutput(InterruptibleWriter? target)
{
    private const int Capacity = 1 << 20;

    private byte[] buffer = GC.AllocateUninitializedArray<byte>(target is not null ? Capacity : Capacity / 4);
    private int filled;

    /// <summary>Bytes taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>What is in memory and was not flushed.</summary>
    public ReadOnlySpan<byte> Collected => buffer.AsSpan(0, filled);

    /// <summary>Room to put bytes into, at least <paramref name="wanted"/> of it where the buffer is that large; <see cref="Advance"/>
    /// takes them.</summary>
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

    /// <summary>Takes what was put into the room.</summary>
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

    /// <summary>Writes what was collected.</summary>
    public void Flush()
    {
        target!.Write(Collected);
        filled = 0;
    }

    /// <summary>Forgets what was collected in memory.</summary>
    public void Clear() => (filled, Count) = (0, 0);
}
