using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Copies the bytes of one file into a new, empty one: cloned where the file system can, inside the kernel where it can, holes kept.
/// Each byte is written at most once; nothing is ever truncated and written again.</summary>
internal sealed class FileContents(CopyReport report, bool clone)
{
    // A clone costs a transaction; a copy of this much is cheaper.
    private const long SmallestClone = 64 * 1024;

    // Between two looks at whether the command was interrupted.
    private const long Chunk = 64 << 20;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private bool cloneWorks = clone, rangeWorks = clone;

    /// <summary>Copies all of <paramref name="source"/>, whose length was <paramref name="status"/>.Size when it was opened. The bytes copied.</summary>
    public void Copy(Fd source, Fd target, in FileStatus status, Action checkInterrupt)
    {
        if (status.Size == 0)
        {
            return;
        }

        if (cloneWorks && status.Size >= SmallestClone)
        {
            if (Content.Clone(source, target))
            {
                report.CountBytes(status.AllocatedBytes < status.Size ? status.AllocatedBytes : status.Size);
                return;
            }

            cloneWorks = false; // one tree is one pair of file systems, nearly always
        }

        // More allocated than the length needs is space kept behind the end, which says nothing of holes before it.
        if (status.AllocatedBytes >= status.Size && status.AllocatedBytes <= ((status.Size + 4095) & ~4095L))
        {
            CopyData(source, target, 0, status.Size, checkInterrupt);
            return;
        }

        long end = 0;
        for (var start = Content.NextData(source, 0); start >= 0 && start < status.Size; start = Content.NextData(source, end))
        {
            end = Math.Min(Content.NextHole(source, start), status.Size);
            CopyData(source, target, start, end, checkInterrupt);
        }

        if (end < status.Size)
        {
            Content.SetLength(target, status.Size);
        }
    }

    private void CopyData(Fd source, Fd target, long start, long end, Action checkInterrupt)
    {
        while (start < end)
        {
            checkInterrupt();
            long n = -1;
            if (rangeWorks)
            {
                n = Content.CopyRange(source, target, start, Math.Min(end - start, Chunk));
                rangeWorks = n > 0; // 0 before the end: a file system that makes its content up; reading tells
            }

            if (n <= 0)
            {
                n = Content.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - start)), start);
                if (n == 0)
                {
                    return; // it was shortened meanwhile
                }

                Content.Write(target, buffer.AsSpan(0, (int)n), start);
            }

            start += n;
            report.CountBytes(n);
        }
    }
}
