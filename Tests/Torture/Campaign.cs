using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>What all parts of the campaign share: how much, from which seed, and the verdict. A part finds either nothing or a list of
/// lines that each name what was done and what was wrong after it.</summary>
internal sealed class Campaign(ITestOutputHelper output, string part)
{
    private readonly ConcurrentQueue<string> wrong = new();
    private readonly SortedDictionary<string, long> figures = new(StringComparer.Ordinal);

    /// <summary>The seed of everything that is chosen by chance.</summary>
    public static int Seed { get; } = (int)Size("SEED", 4711);

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

    public void Count(string figure, long number = 1)
    {
        lock (figures)
        {
            figures[figure] = figures.GetValueOrDefault(figure) + number;
        }
    }

    public void Wrong(string what, string after) => wrong.Enqueue($"{what}: {after}");

    /// <summary>What is wrong with how kvol ended, whatever it was asked: a status that is in no table, a trace, a line that is none of
    /// kvol's, no word.</summary>
    public void CheckEnd(Result result, string after)
    {
        if (result.Exit is 134 or 139 or 136 or 135 || result.Err.Contains("Unhandled exception", StringComparison.Ordinal)
            || result.Err.Contains("\n   at ", StringComparison.Ordinal))
        {
            Wrong($"crash (exit {result.Exit})", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit is not (0 or 1 or 64 or 65 or 66 or 69 or 71 or 73 or 75 or 77 or 78))
        {
            Wrong($"exit {result.Exit}", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit != 0 && result.Err.Trim().Length == 0)
        {
            Wrong($"exit {result.Exit} without a word", after);
        }
        else if (result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(l => !l.StartsWith("kvol: ", StringComparison.Ordinal)) is { } line)
        {
            Wrong("a line that does not say whose it is", $"{after}\n    {Short(line)}");
        }
    }

    /// <summary>Prints the figures, and fails with what was wrong.</summary>
    public void End()
    {
        lock (figures)
        {
            output.WriteLine($"{part}: {string.Join(", ", figures.Select(f => $"{f.Value:N0} {f.Key}"))}; {wrong.Count} wrong");
        }

        foreach (var line in wrong.Take(200))
        {
            output.WriteLine("  " + line);
        }

        Assert.True(wrong.IsEmpty, $"{part}, seed {Seed}: {wrong.Count} wrong\n" + string.Join('\n', wrong.Take(20)));
    }

    public static string Short(string text) => text.Trim() is { Length: > 400 } t ? t[..400] + "..." : text.Trim();

    private static string Here([CallerFilePath] string here = "") => here;
}
