using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>The kinds of failures that the campaign counts; each count must be zero.</summary>
internal enum Bad
{
    ChangedSource, PartialVolume, LostVolume, Escape, Crash, Hang, Litter, Other,
}

/// <summary>What all parts of the campaign share: size, seed and verdict. A part finds either nothing or a list of lines, each of which
/// names the command and the failure after it.</summary>
internal sealed partial class Campaign(ITestOutputHelper output, string part)
{
    private readonly ConcurrentQueue<(Bad Kind, string Text)> wrong = new();
    // The directory in which measured programs record their memory use, once it exists.
    private static string? Peak { get; set; }

    private readonly SortedDictionary<string, long> figures = new(StringComparer.Ordinal);

    /// <summary>The seed of all random choices.</summary>
    public static int Seed { get; } = (int)Size("SEED", 4711);

    /// <summary>The time after which a command counts as hanging. Long, because a loaded machine is slow and a hang never ends.</summary>
    public static int Patience => 240;

    /// <summary>The size that the variable KVOL_TORTURE_NAME sets; by default that of the short run.</summary>
    public static long Size(string name, long normal) =>
        long.TryParse(Environment.GetEnvironmentVariable("KVOL_TORTURE_" + name), out var value) ? value : normal;

    public void Count(string figure, long number = 1)
    {
        lock (figures)
        {
            figures[figure] = figures.GetValueOrDefault(figure) + number;
        }
    }

    public void Wrong(string what, string after) => Wrong(Bad.Other, what, after);

    public void Wrong(Bad kind, string what, string after) => wrong.Enqueue((kind, $"{what}: {after}"));

    /// <summary>Prints the figures, adds them to the table of 'make torture', and fails if anything was wrong.</summary>
    public void End()
    {
        lock (figures)
        {
            output.WriteLine($"{part}, seed {Seed}: {string.Join(", ",
                figures.Select(f => $"{f.Value:N0} {f.Key}"))}; {wrong.Count} wrong");
            if (Environment.GetEnvironmentVariable("KVOL_TORTURE_FIGURES") is { Length: > 0 } table)
            {
                var lines = figures.Select(f =>
                    $"{part}\t{f.Key}\t{f.Value}").Concat(Enum.GetValues<Bad>().Select(b => $"0\t{b}\t{wrong.Count(w => w.Kind == b)}"));
                File.AppendAllLines(table, Peak is not null
                    ? lines.Append($"peak\t{part}\t{BitConverter.ToInt64(File.ReadAllBytes(Peak))}") : lines);
            }
        }

        foreach (var (kind, line) in wrong.Take(60))
        {
            output.WriteLine($"  [{kind}] {line}");
        }

        Assert.True(wrong.IsEmpty, $"{part}, seed {Seed}: {wrong.Count} wrong\n"
            + string.Join('\n', wrong.Take(20).Select(w => $"[{w.Kind}] {w.Text}")));
    }

    public static string Short(string text) => text.Trim() is { Length: > 400 } t ? t[..400] + "..." : text.Trim();
}
