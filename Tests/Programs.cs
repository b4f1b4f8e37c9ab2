using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>On a machine where nothing was installed the README's commands work: what the tests start is in every Debian, or setup.sh
/// installs it.</summary>
[Trait("System", "Linux")]
public partial class Programs
{
    [Fact]
    public void Setup_installs_every_program_that_a_test_starts()
    {
        var top = SourceTree.Top;
        var listed = Tool.Run("sh", top + "/setup.sh", "list").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))
            .Where(f => f.Length == 3).Select(f => f[2]).ToHashSet();
        // Whoever types 'make' has it; every Debian has some awk, and what Priority says.
        listed.UnionWith(["make", "gawk"]);
        listed.UnionWith(Tool.Run("dpkg-query", "-W", "-f", "${Package} ${Essential} ${Priority}\n").Split('\n').Where(l => l.Contains(
            " yes ", StringComparison.Ordinal) || l.EndsWith(" required", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]));
        // What a script defines itself, and what FreeBSD alone has; another program may have the name here.
        var own = Directory.EnumerateFiles(top + "/Tests", "*.sh", SearchOption.AllDirectories)
            .SelectMany(f => Functions().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Append("jexec").ToHashSet();
        var started = Started(top + "/Tests").Where(s => !own.Contains(s.Program)).ToLookup(s => s.Program, s => s.File);
        Assert.True(started.Count > 30, $"only {started.Count} programs were found");
        var unknown = new List<string>();
        foreach (var program in started)
        {
            // The SDK is the one thing that is asked for.
            if (program.Key != "dotnet" && Find(program.Key) is { } path && !Owners(path).Any(listed.Contains))
            {
                var owners = string.Join(' ', Owners(path));
                unknown.Add($"{program.Key} ({owners}), started by {string.Join(", ", program.Distinct().Take(3))}");
            }
        }

        Assert.True(unknown.Count == 0, "not in setup.sh:\n" + string.Join('\n', unknown));
    }

    /// <summary>The words where a command is in scripts, and in the texts of tests that are scripts or name a program.</summary>
    private static IEnumerable<(string Program, string File)> Started(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => (f.EndsWith(".cs",
            StringComparison.Ordinal) || f.EndsWith(".sh", StringComparison.Ordinal)) && !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            var text = File.ReadAllText(file);
            var isScript = file.EndsWith(".sh", StringComparison.Ordinal);
            IEnumerable<string> words = isScript
                ? text.Split('\n').Where(l => !l.TrimStart().StartsWith('#')).SelectMany(l => Commands().Matches(l))
                    .Select(m => m.Groups[1].Value)
                : Direct().Matches(text).Select(m => m.Groups[1].Value)
                    .Concat(Scripts().Matches(text).SelectMany(m => Commands().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value));
            foreach (var word in words)
            {
                yield return (word, Path.GetFileName(file));
            }
        }
    }

    /// <summary>Where a program is on this host; null for words of the shell and functions.</summary>
    private static string? Find(string program) =>
        ((string[])["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]).Select(d => $"{d}/{program}")
            .FirstOrDefault(File.Exists);

    /// <summary>The packages that a program may be from: its own, and those of what its links lead to.</summary>
    private static string[] Owners(string path)
    {
        var real = Tool.Run("readlink", "-f", path).Trim();
        using var query = new Running("dpkg-query",
            ["-S", path, path.Replace("/usr/", "/", StringComparison.Ordinal), real, real.Replace("/usr/", "/", StringComparison.Ordinal)]);
        return [.. query.Wait().Lines.Where(l => !l.StartsWith("diversion", StringComparison.Ordinal))
            .SelectMany(l => l.Split(": ")[0].Split(", ")).Select(p => p.Split(':')[0]).Distinct()];
    }

    [GeneratedRegex(@"(?:^|[|;&(!]|\$\(|`|\b(?:if|then|do|else|while|until|exec|xargs(?: -\S+)*))\s*([a-z][a-z0-9._+-]+)(?=[\s;)|&]|$)")]
    private static partial Regex Commands();

    [GeneratedRegex(@"^([a-z_]+)\(\)", RegexOptions.Multiline)]
    private static partial Regex Functions();

    [GeneratedRegex(@"(?:Tool\.Run|new Running|Process\.Start|new ProcessStartInfo)\(""([a-z][a-z0-9._+-]+)""")]
    private static partial Regex Direct();

    [GeneratedRegex(@"Shell\(\s*\$?""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Scripts();
}
