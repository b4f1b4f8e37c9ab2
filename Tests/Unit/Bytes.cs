using System;
using Kvol.Storage.Archives;

namespace Kvol.Tests.Unit;

/// <summary>Streams in memory, in place of files.</summary>
internal static class Bytes
{
    /// <summary>A stream of these bytes that gives at most so many of them at once.</summary>
    public static ArchiveInput Input(byte[] bytes, int most = int.MaxValue)
    {
        var at = 0;
        return new ArchiveInput(Read, "archive", () => { });

        int Read(Span<byte> into)
        {
            var n = Math.Min(Math.Min(into.Length, most), bytes.Length - at);
            bytes.AsSpan(at, n).CopyTo(into);
            at += n;
            return n;
        }
    }
}
