using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Storage.Trees;

namespace Kvol.Storage.Values;

/// <summary>Something that a copy does not have, and why.</summary>
internal sealed record NotKept(string Path, string Reason);

/// <summary>What was copied so far; written by all workers, read by who shows progress.</summary>
/// <param name="action">What is being done, in one word for people.</param>
internal sealed class CopyReport(string action = "seeding")
{
    private readonly Lock gate = new();
    private readonly List<NotKept> notKept = [];
    private long files, bytes;

    public string Action { get; } = action;

    /// <summary>Everything but directories.</summary>
    public long Files => Interlocked.Read(ref files);

    /// <summary>Content of regular files, holes not counted, each hard-linked file once.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    public IReadOnlyList<NotKept> Losses
    {
        get
        {
            lock (gate)
            {
                return [.. notKept.OrderBy(n => n.Path, System.StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The losses, a line each.</summary>
    public string[] Lines => [.. Losses.Select(l => $"{l.Path}: {l.Reason}")];

    public void CountFile() => Interlocked.Increment(ref files);

    public void CountBytes(long count) => Interlocked.Add(ref bytes, count);

    public void Lost(string path, string reason)
    {
        lock (gate)
        {
            notKept.Add(new NotKept(path, reason));
        }
    }
}
