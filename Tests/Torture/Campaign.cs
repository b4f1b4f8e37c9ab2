using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>What the campaign counts none of.</summary>
internal enum Bad
{
    ChangedSource, PartialVolume, LostVolume, Escape, Crash, Hang, Litter, Other,
}

/// <summary>What all parts of the campaign share: how much, from which seed, and the verdict. A part finds either nothing or a list of
/// lines that each name what was done and what was wrong after it.</summary>
internal sealed partial class Campaign(ITestOutputHelper output, string part)
{
    private readonly ConcurrentQueue<(Bad Kind, string Text)> wrong = new();
    // Where programs that are measured write how much memory they took, once there is one.
    private static string? Peak { get; set; }

    private readonly SortedDictionary<string, long> figures = new(StringComparer.Ordinal);

    /// <summary>The seed of everything that is chosen by chance.</summary>
    public static int Seed { get; } = (int)Size("SEED", 4711);

    /// <summary>How long one command may take before it hangs. A loaded machine is slow; a hang is for ever.</summary>
    public static int Patience => 240;

    /// <summary>A size that KVOL_TORTURE_NAME states; the default is the short run's.</summary>
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

    /// <summary>Prints the figures, adds them to the table of 'make torture', and fails with what was wrong.</summary>
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
