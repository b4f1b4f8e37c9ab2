using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>What the campaign counts none of.</summary>
internal enum Bad
{
    ChangedSource, PartialVolume, LostVolume, Escape, Crash, Hang, Litter, Other,
}

/// <summary>What all parts of the campaign share: how much, from which seed, and the verdict. A part finds either nothing or a list of
/// lines that each name what was done and what was wrong after it.</summary>
internal sealed class Campaign(ITestOutputHelper output, string part)
{
    private readonly ConcurrentQueue<(Bad Kind, string Text)> wrong = new();
    private readonly SortedDictionary<string, long> figures = new(StringComparer.Ordinal);

    /// <summary>The seed of everything that is chosen by chance.</summary>
    public static int Seed { get; } = (int)Size("SEED", 4711);

    /// <summary>How long one command may take before it hangs. A loaded machine is slow; a hang is for ever.</summary>
    public static int Patience => 240;

    /// <summary>A size that KVOL_TORTURE_NAME states; the default is the short run's.</summary>
    public static long Size(string name, long normal) =>
        long.TryParse(Environment.GetEnvironmentVariable("KVOL_TORTURE_" + name), out var value) ? value : normal;

    /// <summary>A helper in C, built from the file of that name beside this one.</summary>
    public static string Build(string name, params string[] flags)
    {
        var source = Path.Combine(Path.GetDirectoryName(Here())!, name + ".c");
        var target = Disks.On("tmpfs") + "/" + name;
        if (!File.Exists(target))
        {
            Tool.Run("gcc", ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", .. flags, "-o", target, source]);
        }

        return target;
    }

    /// <summary>A library that is preloaded.</summary>
    public static string BuildLibrary(string name) => Build(name, "-fPIC", "-shared", "-ldl");

    /// <summary>The variables with which kvol writes down how much memory it took; <paramref name="more"/> is another library to
    /// preload.</summary>
    public static Dictionary<string, string> Measured(string? more = null)
    {
        var peak = Disks.On("tmpfs") + "/peak.kib";
        if (!File.Exists(peak))
        {
            File.WriteAllBytes(peak, new byte[8]);
        }

        return new() { ["KVOL_PEAK"] = peak, ["LD_PRELOAD"] = BuildLibrary("peak") + (more is null ? "" : ":" + more) };
    }

    public void Count(string figure, long number = 1)
    {
        lock (figures)
        {
            figures[figure] = figures.GetValueOrDefault(figure) + number;
        }
    }

    public void Wrong(string what, string after) => Wrong(Bad.Other, what, after);

    public void Wrong(Bad kind, string what, string after) => wrong.Enqueue((kind, $"{what}: {after}"));

    /// <summary>What is wrong with how kvol ended, whatever it was asked: a status that is in no table, a trace, a line that is none of
    /// kvol's, no word.
    /// <paramref name="signal"/> is one that it was sent.</summary>
    public void CheckEnd(Result result, string after, int signal = 0)
    {
        if (signal != 0 && result.Exit == 128 + signal)
        {
            return;
        }

        if (result.Exit is 134 or 139 or 136 or 135 or 70 || result.Err.Contains("Unhandled", StringComparison.Ordinal)
            || result.Err.Contains("\n   at ", StringComparison.Ordinal))
        {
            Wrong(Bad.Crash, $"crash (exit {result.Exit})", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit is not (0 or 1 or 64 or 65 or 66 or 69 or 71 or 73 or 75 or 77 or 78))
        {
            Wrong(Bad.Other, $"exit {result.Exit}", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit != 0 && result.Err.Trim().Length == 0)
        {
            Wrong(Bad.Other, $"exit {result.Exit} without a word", after);
        }
        else if (result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(l => !l.StartsWith("kvol: ", StringComparison.Ordinal)) is { } line)
        {
            Wrong(Bad.Other, "a line that does not say whose it is", $"{after}\n    {Short(line)}");
        }
    }

    /// <summary>Runs a command to its end; null, and a hang is counted, when it has none.</summary>
    public Result? Wait(Running command, string name)
    {
        try
        {
            return command.Wait(Patience);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Wrong(Bad.Hang, "hang", name);
            return null;
        }
    }

    /// <summary>Prints the figures, adds them to the table of 'make torture', and fails with what was wrong.</summary>
    public void End()
    {
        var peak = Disks.On("tmpfs") + "/peak.kib";
        lock (figures)
        {
            output.WriteLine($"{part}, seed {Seed}: {string.Join(", ",
                figures.Select(f => $"{f.Value:N0} {f.Key}"))}; {wrong.Count} wrong");
            if (Environment.GetEnvironmentVariable("KVOL_TORTURE_FIGURES") is { Length: > 0 } table)
            {
                var lines = figures.Select(f =>
                    $"{part}\t{f.Key}\t{f.Value}").Concat(Enum.GetValues<Bad>().Select(b => $"0\t{b}\t{wrong.Count(w => w.Kind == b)}"));
                File.AppendAllLines(table, File.Exists(peak)
                    ? lines.Append($"peak\t{part}\t{BitConverter.ToInt64(File.ReadAllBytes(peak))}") : lines);
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

    private static string Here([CallerFilePath] string here = "") => here;
}
