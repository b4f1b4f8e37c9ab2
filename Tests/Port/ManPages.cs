using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The manual pages say what <c>--help</c> says, no more and no less.</summary>
public partial class ManPages
{
    private static readonly string[] Common = ["--root", "--wait", "--help", "-h", "-?", "--version"];

    [Theory]
    [InlineData("kvol.8")]
    [InlineData("kvol.conf.5")]
    public void Mandoc_finds_nothing_to_say(string page)
    {
        using var child = new Running("mandoc", ["-T", "lint", $"{PortTree.Top}/docs/{page}"]);
        var messages = child.Wait().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Most pages that these point to are FreeBSD's.
        Assert.All(messages, m => Assert.Contains("referenced manual not found", m));
    }

    [Fact]
    public void The_page_has_a_section_for_each_command_and_for_no_other() =>
        Assert.Equal(string.Join(' ', Commands().Order()), string.Join(' ', Sections().Keys.Order()));

    [Fact]
    public void Each_option_of_each_command_is_in_the_page_and_the_reverse()
    {
        var differences = new List<string>();
        var (commands, sections) = (Commands(), Sections());
        foreach (var command in commands.Union(sections.Keys).Order())
        {
            var section = sections.GetValueOrDefault(command, []);
            var help = commands.Contains(command) ? Options(Help(command)) : [];
            var described = section.Where(l => l.StartsWith(".It Fl ", StringComparison.Ordinal)).SelectMany(Flags).ToHashSet();
            differences.AddRange(help.Except(Common).Except(described).Select(o => $"{command} {o}: in --help, not in the page"));
            differences.AddRange(described.Except(help).Select(o => $"{command} {o}: in the page, not in --help"));
            // The line of usage has each option once, by its short name if it has one.
            var usage = section.TakeWhile(l => l != ".Pp").Where(l => l.StartsWith(".Op Fl ", StringComparison.Ordinal)).SelectMany(Flags)
                .ToHashSet();
            var names = section.Where(l => l.StartsWith(".It Fl ", StringComparison.Ordinal)).Select(l => Flags(l).First());
            differences.AddRange(names.Except(usage).Select(o => $"{command} {o}: not in its line of usage"));
            differences.AddRange(usage.Except(described).Select(o => $"{command} {o}: in its line of usage, not described"));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Each_argument_of_each_command_is_in_its_line_of_usage()
    {
        var sections = Sections();
        foreach (var command in Commands().Where(sections.ContainsKey))
        {
            var usage = string.Join(' ',
                sections[command].TakeWhile(l => l != ".Pp").Where(l => !l.StartsWith(".Op Fl ", StringComparison.Ordinal)));
            var operands = Regex.Match(Help(command), @"Usage: kvol \S+ \[OPTION\.\.\.\]( .*)?\n").Groups[1].Value;
            var arguments = ArgumentName().Matches(operands).Select(m => m.Groups[1].Value);
            Assert.Equal($"{command} {string.Join(' ', arguments)}",
                $"{command} {string.Join(' ', AfterAr().Matches(usage).Select(m => m.Groups[1].Value))}");
        }
    }

    [Fact]
    public void The_options_of_all_commands_are_in_the_page()
    {
        var described = Page("kvol.8").SkipWhile(l => l != ".Sh OPTIONS").TakeWhile(l => l != ".Sh VOLUMES")
            .Where(l => l.StartsWith(".It Fl ", StringComparison.Ordinal)).SelectMany(Flags).Order();
        Assert.Equal(Common.Order(), described);
    }

    [Fact]
    public void The_exit_statuses_are_those_of_the_program()
    {
        var source = File.ReadAllText(PortTree.Top + "/Storage/Values/KvolException.cs");
        var known = Regex.Matches(source, @"\b[A-Z]\w+ = (\d+),", RegexOptions.Multiline).Select(m => m.Groups[1].Value);
        var described = Page("kvol.8").SkipWhile(l => l != ".Sh EXIT STATUS").TakeWhile(l => l != ".El")
            .Where(l => l.StartsWith(".It ", StringComparison.Ordinal)).Select(l => l[4..]);
        Assert.Equal(known.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_keys_of_the_configuration_are_those_of_the_program()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "none = 1\n");
        var known = Regex.Match(box.Run("ls").Err, "known: (.*)").Groups[1].Value.Split(' ');
        var described = Page("kvol.conf.5").Where(l => l.StartsWith(".It Cm ", StringComparison.Ordinal)).Select(l => l[7..]);
        Assert.Equal(known.Order(), described.Order());
        var sample = File.ReadAllLines(PortTree.Top + "/port/examples/kvol.conf");
        Assert.Equal(known.Order(),
            sample.Select(l => Regex.Match(l, "^#(\\w+) =")).Where(m => m.Success).Select(m => m.Groups[1].Value).Order());
        box.Environment["KVOL_CONFIG"] = PortTree.Top + "/port/examples/kvol.conf";
        box.Run("ls").Ok();
    }

    private static string[] Page(string name) => File.ReadAllLines($"{PortTree.Top}/docs/{name}");

    private static string Help(params string[] command) => Tool.Run(Box.Binary, [.. command, "--help"]).ReplaceLineEndings("\n");

    /// <summary>The commands in the help, by the name under which the page has them.</summary>
    private static List<string> Commands() =>
    [
        .. Help().Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).SelectMany(l => l.Trim().Split("   "))
            .Select(c => c.Split(' ')[0]),
    ];

    /// <summary>The lines of the subsection of each command.</summary>
    private static Dictionary<string, List<string>> Sections()
    {
        var sections = new Dictionary<string, List<string>>();
        string? name = null;
        foreach (var line in Page("kvol.8").SkipWhile(l => l != ".Sh COMMANDS").Skip(1)
            .TakeWhile(l => !l.StartsWith(".Sh ", StringComparison.Ordinal)))
        {
            if (line.StartsWith(".Ss ", StringComparison.Ordinal))
            {
                sections.Add(name = line[4..], []);
            }
            else if (name is not null)
            {
                sections[name].Add(line);
            }
        }

        return sections;
    }

    /// <summary>The options in a help, as typed.</summary>
    private static HashSet<string> Options(string help) =>
        [.. help.Split("Options:\n")[1].Split("\n\n")[0].Split('\n').Select(l => OptionNames().Match(l)).Where(m => m.Success)
            .SelectMany(m => m.Groups[1].Value.Split(", "))];

    /// <summary>The options in a line of mdoc(7), as typed: <c>Fl ny</c> in a line of usage stands for two.</summary>
    private static IEnumerable<string> Flags(string line) =>
        FlagNames().Matches(line).Select(m => m.Groups[1].Value.Replace("\\&", "", StringComparison.Ordinal))
        .SelectMany(f => f.StartsWith('-') ? ["-" + f] : f.Select(c => "-" + c));

    [GeneratedRegex(@"^  ((?:-\S+, )*-\S+)")]
    private static partial Regex OptionNames();

    [GeneratedRegex(@"\bFl (\S+)")]
    private static partial Regex FlagNames();

    [GeneratedRegex(@" \[?((?:[^ \[\]]|\[[^\]]*\])+?)(?:\.\.\.)?\]?(?= |$)")]
    private static partial Regex ArgumentName();

    [GeneratedRegex(@"\bAr (\S+)")]
    private static partial Regex AfterAr();
}
