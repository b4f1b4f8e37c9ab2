using System;
using System.Collections.Generic;
using System.CommandLine;
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

    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(PortTree.Top + "/docs").Select(f => Path.GetFileName(f)!).Where(f => f[^2..] is ".5" or ".8")];

    public static TheoryData<string> VerbNames => [.. Verbs().Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Mandoc_finds_nothing_to_say(string page)
    {
        using var child = new Running("mandoc", ["-T", "lint", $"{PortTree.Top}/docs/{page}"]);
        var messages = child.Wait().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Most pages that these point to are FreeBSD's.
        Assert.All(messages, m => Assert.Matches("referenced manual not found|outdated mandoc.db", m));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_fits_a_terminal_and_begins_each_sentence_on_a_line_of_its_own(string page)
    {
        Assert.All(Tool.Run("mandoc", "-T", "ascii", "-O", "width=78", $"{PortTree.Top}/docs/{page}").Split('\n').Select(Plain),
            l => Assert.True(l.Length <= 78, l));
        Assert.All(Page(page).Where(l => !l.StartsWith('.')), l => Assert.DoesNotMatch("[a-z]{3}[.?] [A-Z]", l));
    }

    [Fact]
    public void Each_command_has_one_page_and_each_page_has_only_commands()
    {
        var named = Pages.Select(p => p.Data).Where(p => p.StartsWith("kvol-", StringComparison.Ordinal)).SelectMany(Names);
        Assert.Equal(Verbs().Select(v => "kvol-" + v.Name).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_overview_lists_each_command_in_the_groups_of_the_help()
    {
        var listed = Page("kvol.8").SkipWhile(l => l != ".Sh COMMANDS").TakeWhile(l => l != ".Sh SPECIFICATIONS")
            .Where(l => l.StartsWith(".It Xr kvol-", StringComparison.Ordinal)).Select(l => l[12..^2]);
        Assert.Equal(Verbs().Select(v => v.Name).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void The_synopsis_of_a_command_is_that_of_its_help(string name)
    {
        var verb = Verbs().Single(v => v.Name == name);
        var command = Commands.Verbs.Build(verb);
        var options = command.Options.Except([Commands.Verbs.Store, Commands.Verbs.Wait, Commands.Verbs.DryRun])
            .Select(o => o.Aliases.Append(o.Name).MinBy(n => n.Length)! + (o is Option<bool> ? "" : " " + o.HelpName!.ToLowerInvariant()));
        var operands = Commands.Help.Operands(command).Select(o => o.ToLowerInvariant());
        var synopsis = Synopsis(name);
        // [-fq] stands for two options; the order is the page's.
        var described = Bracketed().Matches(synopsis).Select(m => m.Groups[1].Value)
            .SelectMany(o => Letters().IsMatch(o) ? o[1..].Select(c => $"-{c}") : [o]);
        Assert.Equal(options.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.Equal(string.Join(' ', [$"kvol {name}", .. operands]), Bracketed().Replace(synopsis, ""));
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Each_option_of_a_command_is_described_in_its_page_and_no_other(string name)
    {
        var options = Commands.Verbs.Build(Verbs().Single(v => v.Name == name)).Options
            .Except([Commands.Verbs.Store, Commands.Verbs.Wait, Commands.Verbs.DryRun]).SelectMany(o => o.Aliases.Append(o.Name));
        var described = Description(name).Where(l => l.StartsWith(".It Fl ", StringComparison.Ordinal)).SelectMany(Flags);
        Assert.Equal(options.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void The_help_of_a_command_names_its_page(string name) =>
        Assert.EndsWith($"The manual page is kvol-{name}(8).\n", Tool.Run(Box.Binary, name, "--help"));

    [Fact]
    public void The_options_of_a_SPEC_are_those_of_the_program()
    {
        string[] types = ["tmpfs", "fdescfs", "linprocfs", "linsysfs"];
        var described = Page("kvol.8").SkipWhile(l => l != ".Sh SPECIFICATIONS").TakeWhile(l => l != ".Ss Files of specifications")
            .Where(l => l.StartsWith(".It Cm ", StringComparison.Ordinal)).Select(l => l[7..].Split(' ')[0]).Distinct().Except(types);
        using var box = new Box();
        var known = Regex.Replace(box.Mount("v:/x:none").Refused(64).Err.Split("known: ")[1].TrimEnd(), "=[A-Z:]+", "=");
        Assert.Equal(known.Split(' ').Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_options_of_all_commands_are_in_the_page()
    {
        var described = Page("kvol.8").SkipWhile(l => l != ".Ss Options of all commands").TakeWhile(l => l != ".Ss States of a volume")
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

    private static IEnumerable<Commands.Verb> Verbs() => Commands.Verbs.Groups.SelectMany(g => g.Verbs);

    // The names in the section NAME.
    private static IEnumerable<string> Names(string page) => Page(page).TakeWhile(l => l != ".Sh SYNOPSIS")
        .Where(l => l.StartsWith(".Nm ", StringComparison.Ordinal)).Select(l => l[4..].TrimEnd(',', ' '));

    private static string PageOf(string verb) => Pages.Select(p => p.Data).Single(p => Names(p).Contains("kvol-" + verb));

    // What mandoc prints of the synopsis of one command, in one line.
    private static string Synopsis(string verb)
    {
        var text = Tool.Run("mandoc", "-T", "ascii", "-O", "width=500", $"{PortTree.Top}/docs/{PageOf(verb)}").Split('\n').Select(Plain)
            .SkipWhile(l => l != "SYNOPSIS").Skip(1).TakeWhile(l => l != "DESCRIPTION").Select(l => l.Trim());
        return text.Single(l => (l + " ").StartsWith($"kvol {verb} ", StringComparison.Ordinal))
            .Replace(" ...", "...", StringComparison.Ordinal);
    }

    // The lines about one command: its subsection, or the whole description where the page has one command.
    private static IEnumerable<string> Description(string verb)
    {
        var page = PageOf(verb);
        var description = Page(page).SkipWhile(l => l != ".Sh DESCRIPTION").TakeWhile(l => l is not (".Sh EXAMPLES" or ".Sh SEEDING"));
        return Names(page).Count() == 1 ? description
            : description.SkipWhile(l => l != ".Ss " + verb).Skip(1).TakeWhile(l => !l.StartsWith(".Ss ", StringComparison.Ordinal));
    }

    // Without the backspaces of bold and underlined letters.
    private static string Plain(string line) => Overstruck().Replace(line, "");

    /// <summary>The options in a line of mdoc(7), as typed: <c>Fl ny</c> in a line of usage stands for two.</summary>
    private static IEnumerable<string> Flags(string line) =>
        FlagNames().Matches(line).Select(m => m.Groups[1].Value.Replace("\\&", "", StringComparison.Ordinal))
        .SelectMany(f => f.StartsWith('-') ? ["-" + f] : f.Select(c => "-" + c));

    [GeneratedRegex(@"\bFl (\S+)")]
    private static partial Regex FlagNames();

    [GeneratedRegex(@" \[(-(?:[^\[\]]|\[[^\]]*\])*)\]")]
    private static partial Regex Bracketed();

    [GeneratedRegex("^-[a-zA-Z]{2,}$")]
    private static partial Regex Letters();

    [GeneratedRegex(".\\x08")]
    private static partial Regex Overstruck();
}
