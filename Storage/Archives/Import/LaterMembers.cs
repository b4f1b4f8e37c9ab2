using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Members of an archive that are completed when all members were read. They are stored as an archive: half a mebibyte in memory,
/// the rest in a file without a name.</summary>
/// <param name="directory">Where that file is made.</param>
internal sealed class LaterMembers(Fd directory, Action checkInterrupt) : IDisposable
{
    private const int MostInMemory = 1 << 19;

    // Names of attributes may be longer when they are written again.
    private const int LargestHeader = 2 * TarLimits.Header;

    private readonly TarWriter writer = new(new ArchiveOutput(null), keepsBirth: true);
    private Fd file = Fd.None;
    private long written, count;

    private ArchiveOutput Output => writer.Output;

    public void Add(TarEntry entry)
    {
        count++;
        writer.Header(entry with { Extents = null, Size = 0 }, 0);
        if (Output.Collected.Length > MostInMemory)
        {
            Flush();
        }
    }

    /// <summary>All of them, in the order in which they were added.</summary>
    public IEnumerable<TarEntry> Read()
    {
        long at = 0;
        var reader = new TarReader(new ArchiveInput(into => Read(into, ref at), "members", checkInterrupt), LargestHeader);
        for (var left = count; left > 0; left--)
        {
            checkInterrupt();
            yield return reader.Next()!;
        }
    }

    public void Dispose() => file.Dispose();

    private void Flush()
    {
        if (!file.IsOpen)
        {
            file = Create();
        }

        Content.Write(file, Output.Collected, written);
        written += Output.Collected.Length;
        Output.Clear();
    }

    private int Read(Span<byte> into, ref long at)
    {
        var inMemory = at < written ? [] : Output.Collected[(int)Math.Min(at - written, Output.Collected.Length)..];
        var length = at < written ? Content.Read(file, into[..(int)Math.Min(into.Length, written - at)], at)
            : Math.Min(into.Length, inMemory.Length);
        if (at >= written)
        {
            inMemory[..length].CopyTo(into);
        }

        at += length;
        return length;
    }

    private Fd Create()
    {
        if (Files.CreateUnnamed(directory, 0) is { IsOpen: true } unnamed)
        {
            return unnamed;
        }

        ByteString name = new($".kvol-new-{RandomHex.Of(16)}");
        var named = Files.CreateNew(directory, name, 0);
        Files.Remove(directory, name);
        return named;
    }
}
