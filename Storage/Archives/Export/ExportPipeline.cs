using System;
using System.Collections.Generic;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Some entries of one directory, none of which is a directory, and the header of the directory itself where
/// <paramref name="Header"/> is its status.</summary>
internal sealed record ExportJob(Fd Directory, ByteString Path, FileStatus? Header, ArraySegment<(ByteString Name, FileKind Kind)> Entries)
    : IDisposable
{
    /// <summary>The entries that could not be prepared, and their positions in the output.</summary>
    public List<(int At, int Index)> Left { get; } = [];

    /// <summary>The prepared output; null before it is ready.</summary>
    public ArchiveOutput? Ready { get; set; }

    public void Dispose() => Directory.Dispose();
}

/// <summary>Prepares members of an archive on several threads, and writes them in the order in which they were given. The writing thread
/// itself writes members that cannot be prepared independently: large files, and files with several names.</summary>
internal sealed class ExportPipeline : IDisposable
{
    private readonly ArchiveOutput output;
    private readonly CopyReport report;
    private readonly Action checkInterrupt;
    private readonly ulong mount;
    private readonly bool isStill;
    private readonly MemberExporter members;
    private readonly WorkerGroup threads;
    private readonly int limit;

    // The gate guards the jobs to prepare, the jobs to write, the free buffers, the end mark, and Ready of every job.
    private readonly object gate = new();
    private readonly Queue<ExportJob> waiting = new(), order = new();
    private readonly Stack<ArchiveOutput> buffers = new();
    private bool isEnd, sawChange;

    public ExportPipeline(ArchiveOutput output, CopyReport report, bool isStill, int jobs, Action checkInterrupt, ulong mount)
    {
        (this.output, this.report, this.isStill, this.checkInterrupt, this.mount) = (output, report, isStill, checkInterrupt, mount);
        members = new MemberExporter(output, report, isStill, checkInterrupt, []);
        limit = 4 * jobs;
        threads = new WorkerGroup(gate);
        for (var i = 0; i < jobs; i++)
        {
            threads.Start(MakeReady);
        }

        threads.Start(Write);
    }

    /// <summary>Takes a job and the ownership of its descriptor; waits while too many jobs are queued.</summary>
    public void Add(ExportJob job)
    {
        lock (gate)
        {
            while (order.Count >= limit && !threads.HasFailed)
            {
                Monitor.Wait(gate);
            }

            order.Enqueue(job);
            waiting.Enqueue(job);
            Monitor.PulseAll(gate);
            threads.ThrowIfFailed();
        }
    }

    /// <summary>Waits until everything is written. True when nothing changed during the export.</summary>
    public bool Finish()
    {
        Stop();
        threads.ThrowIfFailed();
        return !sawChange && !members.SawChange;
    }

    public void Dispose()
    {
        if (!isEnd)
        {
            threads.Fail(new OperationCanceledException());
        }

        Stop();
        foreach (var job in order)
        {
            job.Dispose();
        }
    }

    private void Stop()
    {
        lock (gate)
        {
            isEnd = true;
            Monitor.PulseAll(gate);
        }

        threads.Join();
    }

    private void MakeReady()
    {
        var own = new MemberExporter(Buffer(), report, isStill, checkInterrupt, null);
        while (Take(waiting, _ => true) is { } job)
        {
            var buffer = own.Output = Buffer();
            if (job.Header is { } status)
            {
                own.WriteDirectory(job.Directory, job.Path, status);
            }

            for (var i = 0; i < job.Entries.Count; i++)
            {
                if (!own.Write(job.Directory, job.Path, job.Entries[i].Name, job.Entries[i].Kind, mount))
                {
                    job.Left.Add(((int)buffer.Count, i));
                }
            }

            lock (gate)
            {
                job.Ready = buffer;
                sawChange |= own.SawChange;
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Write()
    {
        while (Take(order, job => job.Ready is not null) is { } job)
        {
            using (job)
            {
                var bytes = job.Ready!.Collected;
                var written = 0;
                foreach (var (at, index) in job.Left)
                {
                    output.Write(bytes[written..at]);
                    written = at;
                    members.Write(job.Directory, job.Path, job.Entries[index].Name, job.Entries[index].Kind, mount);
                }

                output.Write(bytes[written..]);
            }

            lock (gate)
            {
                job.Ready.Clear();
                buffers.Push(job.Ready);
            }
        }
    }

    /// <summary>Waits for a suitable first job in a queue; null at the end.</summary>
    private ExportJob? Take(Queue<ExportJob> queue, Predicate<ExportJob> isWanted)
    {
        lock (gate)
        {
            while (!threads.HasFailed)
            {
                if (queue.TryPeek(out var job) && isWanted(job))
                {
                    _ = queue.Dequeue();
                    Monitor.PulseAll(gate);
                    return job;
                }

                if (isEnd && queue.Count == 0)
                {
                    break;
                }

                Monitor.Wait(gate);
            }

            return null;
        }
    }

    private ArchiveOutput Buffer()
    {
        lock (gate)
        {
            return buffers.TryPop(out var buffer) ? buffer : new ArchiveOutput(null);
        }
    }
}
