using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Makes small files of an archive on several threads, some of one directory at a time. Their order does not matter as long as no
/// other member concerns the same paths. Before a member that does, the caller waits for all earlier ones (<see cref="Wait"/>).</summary>
internal sealed class ImportBatches : IDisposable
{
    /// <summary>The longest file that is taken, and the longest headers of one, in bytes.</summary>
    public const int LargestFile = 64 * 1024;

    private const int Capacity = 4 * LargestFile, MostFiles = 64;

    private readonly MemberImporter members;
    private readonly CopyReport report;
    private readonly Action checkInterrupt;
    private readonly WorkerGroup threads;
    private readonly int workers;
    private Batch? open;

    // The gate guards the waiting batches, the number of batches in work, the free batches, and the end mark.
    private readonly object gate = new();
    private readonly Queue<Batch> waiting = new();
    private readonly Stack<Batch> spare = new();
    private int working;
    private bool isEnd;

    public ImportBatches(MemberImporter members, CopyReport report, int jobs, Action checkInterrupt)
    {
        (this.members, this.report, workers, this.checkInterrupt) = (members, report, jobs, checkInterrupt);
        threads = new WorkerGroup(gate);
    }

    /// <summary>Adds a file and returns the buffer for its data, which the caller must fill completely. <paramref name="version"/>
    /// distinguishes directories.</summary>
    public Span<byte> Add(Fd directory, int version, long number, ByteString name, TarEntry entry, int flags, int length)
    {
        if (open is not null
            && (open.Version != version || open.Files.Count == MostFiles || open.Filled + length > Capacity || open.Headers
            + entry.HeaderBytes > Capacity))
        {
            Submit();
        }

        open ??= Begin(directory, version);
        open.Files.Add((number, name, entry, flags, length));
        open.Filled += length;
        open.Headers += entry.HeaderBytes;
        return open.Data.AsSpan(open.Filled - length, length);
    }

    /// <summary>Waits until all added files are made.</summary>
    public void Wait()
    {
        Submit();
        lock (gate)
        {
            while ((waiting.Count > 0 || working > 0) && !threads.HasFailed)
            {
                Monitor.Wait(gate);
            }

            threads.ThrowIfFailed();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isEnd = true;
            Monitor.PulseAll(gate);
        }

        threads.Join();
        foreach (var batch in open is null ? waiting : waiting.Append(open))
        {
            batch.Directory.Dispose();
        }
    }

    private Batch Begin(Fd directory, int version)
    {
        Batch? batch;
        lock (gate)
        {
            _ = spare.TryPop(out batch);
        }

        batch ??= new Batch();
        batch.Files.Clear();
        (batch.Filled, batch.Headers, batch.Version, batch.Directory) = (0, 0, version, Files.Reopen(directory));
        return batch;
    }

    private void Submit()
    {
        if (open is not { } batch)
        {
            return;
        }

        open = null;
        lock (gate)
        {
            waiting.Enqueue(batch);
            if (threads.Count < workers && waiting.Count > threads.Count)
            {
                threads.Start(Work);
            }

            Monitor.PulseAll(gate);
            while (waiting.Count > 2 * workers && !threads.HasFailed)
            {
                Monitor.Wait(gate);
            }

            threads.ThrowIfFailed();
        }
    }

    private void Work()
    {
        while (Take() is { } batch)
        {
            try
            {
                using (batch.Directory)
                {
                    Make(batch);
                }
            }
            catch (Exception e)
            {
                threads.Fail(e);
            }

            lock (gate)
            {
                working--;
                spare.Push(batch);
                Monitor.PulseAll(gate);
            }
        }
    }

    private Batch? Take()
    {
        lock (gate)
        {
            while (waiting.Count == 0 && !isEnd && !threads.HasFailed)
            {
                Monitor.Wait(gate);
            }

            if (isEnd || threads.HasFailed)
            {
                return null;
            }

            working++;
            var batch = waiting.Dequeue();
            Monitor.PulseAll(gate);
            return batch;
        }
    }

    private void Make(Batch batch)
    {
        var at = 0;
        foreach (var (number, name, entry, flags, length) in batch.Files)
        {
            checkInterrupt();
            try
            {
                members.MakeFile(batch.Directory, name, entry, flags, batch.Data.AsSpan(at, length));
            }
            catch (Exception e) when (RefusedException.ReasonOf(e) is not null)
            {
                report.Refuse(number, entry.Path, RefusedException.ReasonOf(e)!);
            }

            at += length;
        }
    }

    /// <summary>Files of one directory.</summary>
    private sealed class Batch
    {
        public byte[] Data { get; } = GC.AllocateUninitializedArray<byte>(Capacity);

        public List<(long Number, ByteString Name, TarEntry Entry, int Flags, int Length)> Files { get; } = [];

        public Fd Directory { get; set; } = Fd.None;

        public int Version { get; set; }

        public int Filled { get; set; }

        /// <summary>Bytes of the headers of its files.</summary>
        public int Headers { get; set; }
    }
}
