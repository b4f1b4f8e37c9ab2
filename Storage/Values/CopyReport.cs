using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Something that a copy could not keep, and why.</summary>
internal sealed record NotKept(string Path, string Reason)
{
    public override string ToString() => $"{Path}: {Reason}";
}

/// <summary>What was copied so far; all workers write it, the progress display reads it.</summary>
/// <param name="action">What is being done, in one word for people.</param>
internal sealed class CopyReport(string action = "seeding")
{
    /// <summary>The most losses, and the most refused members, that are recorded; without a limit, a jail or an archive could cause any
    /// number.</summary>
    public const int Most = 1000;

    private const int LongestText = 1024;

    private readonly Lock gate = new();
    private readonly List<NotKept> notKept = [];
    private readonly List<(long Number, NotKept What)> refused = [];
    private long files, bytes, lost, notTaken;

    public string Action { get; } = action;

    /// <summary>Everything but directories.</summary>
    public long Files => Interlocked.Read(ref files);

    /// <summary>Content of regular files, holes not counted, each hard-linked file once.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>How many things were not kept.</summary>
    public int LossCount => (int)Math.Min(Interlocked.Read(ref lost), int.MaxValue);

    /// <summary>How many members of an archive were refused.</summary>
    public int RefusedCount => (int)Math.Min(Interlocked.Read(ref notTaken), int.MaxValue);

    /// <summary>What was not kept, a line each, by path: the first ones that came, at most <see cref="Most"/>.</summary>
    public string[] Lines
    {
        get
        {
            lock (gate)
            {
                return [.. notKept.OrderBy(n => n.Path, StringComparer.Ordinal).Select(n => n.ToString())];
            }
        }
    }

    /// <summary>The members that were refused, a line each, in the order of the archive: the first ones that came, at most <see
    /// cref="Most"/>.</summary>
    public string[] Refused
    {
        get
        {
            lock (gate)
            {
                return [.. refused.OrderBy(r => r.Number).Select(r => r.What.ToString())];
            }
        }
    }

    public void CountFile() => Interlocked.Increment(ref files);

    public void CountBytes(long count) => Interlocked.Add(ref bytes, count);

    public void Lost(string path, string reason)
    {
        lock (gate)
        {
            lost++;
            if (notKept.Count < Most)
            {
                notKept.Add(new NotKept(Shorten(path), Shorten(reason)));
            }
        }
    }

    /// <summary>Records a refused member of an archive; <paramref name="number"/> is its position.</summary>
    public void Refuse(long number, ByteString path, string reason)
    {
        lock (gate)
        {
            notTaken++;
            if (refused.Count < Most)
            {
                refused.Add((number, new NotKept(Shorten(path), Shorten(reason))));
            }
        }
    }

    /// <summary>A name for people, without its middle when it is long.</summary>
    public static string Shorten(ByteString name) => name.Length <= LongestText ? Shorten(name.ToString())
        : Shorten(ByteString.Display(name.Bytes[..(LongestText / 2)])) + "..."
            + Shorten(ByteString.Display(name.Bytes[^(LongestText / 4)..]));

    private static string Shorten(string text) =>
        text.Length <= LongestText ? text : $"{text[..(LongestText / 2)]}...{text[^(LongestText / 4)..]}";
}
