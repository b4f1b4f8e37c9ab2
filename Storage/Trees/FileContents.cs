using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Copies the bytes of one file into a new, empty one: cloned where the file system can, inside the kernel where it can, holes
/// kept. Each byte is written at most once; nothing is ever truncated and written again.</summary>
internal sealed class FileContents(CopyReport report, bool clone)
{
    // A clone costs a transaction; a copy of this much is cheaper.
    private const long SmallestClone = 64 * 1024;

    // Bytes copied between two checks for an interrupt.
    private const long Chunk = 64 << 20;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private bool cloneWorks = clone, rangeWorks = clone;

    /// <summary>Copies all of <paramref name="source"/>, whose length was <paramref name="status"/>.Size when it was opened. Returns a text
    /// that says how the file changed during the copy, or null. One call copies a small file and reveals only a changed length; after a
    /// longer copy, kvol compares length and times again.</summary>
    public string? Copy(Fd source, Fd target, in FileStatus status, Action checkInterrupt)
    {
        if (status.Size == 0)
        {
            return null;
        }

        var end = CopyAll(source, target, status, checkInterrupt);
        if (end == status.Size && status.Size < SmallestClone && !status.HasHoles)
        {
            return null;
        }

        var after = Files.Status(source);
        return after.Size < status.Size ? "was shortened while it was being copied"
            : after.Size > status.Size ? "grew while it was being copied"
            : end > status.Size ? "changed while it was being copied"
            : end < status.Size ? $"cannot be read to its end: {end} of {status.Size} bytes are there"
            : after.ModifyTime != status.ModifyTime || after.ChangeTime != status.ChangeTime ? "changed while it was being copied" : null;
    }

    // Returns the offset that the copy reached.
    private long CopyAll(Fd source, Fd target, in FileStatus status, Action checkInterrupt)
    {

        if (cloneWorks && status.Size >= SmallestClone)
        {
            if (Content.Clone(source, target))
            {
                report.CountBytes(status.AllocatedBytes < status.Size ? status.AllocatedBytes : status.Size);
                return status.Size;
            }

            cloneWorks = false; // one tree is one pair of file systems, nearly always
        }

        if (!status.HasHoles)
        {
            // Reads one byte more, which detects a file that grew without another call.
            var reached = CopyData(source, target, 0, status.Size, ahead: 1, checkInterrupt);
            if (reached > status.Size)
            {
                Content.SetLength(target, status.Size);
            }

            return reached;
        }

        long end = 0;
        for (var start = Content.NextData(source, 0); start >= 0 && start < status.Size; start = Content.NextData(source, end))
        {
            var hole = Content.NextHole(source, start);
            end = hole < 0 ? status.Size : Math.Min(hole, status.Size); // another process may have shortened it
            var copied = CopyData(source, target, start, end, ahead: 0, checkInterrupt);
            if (copied < end)
            {
                return copied;
            }
        }

        if (end < status.Size)
        {
            Content.SetLength(target, status.Size);
        }

        return status.Size;
    }

    private long CopyData(Fd source, Fd target, long start, long end, int ahead, Action checkInterrupt)
    {
        while (start < end)
        {
            checkInterrupt();
            long n = -1;
            if (rangeWorks)
            {
                n = Content.CopyRange(source, target, start, Math.Min(end - start + ahead, Chunk));
                rangeWorks = n > 0; // 0 before the end: a file system that makes its content up; reading tells
            }

            if (n <= 0)
            {
                n = Content.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - start + ahead)), start);
                if (n == 0)
                {
                    return start;
                }

                Content.Write(target, buffer.AsSpan(0, (int)n), start);
            }

            start += n;
            report.CountBytes(n);
        }

        return start;
    }
}
