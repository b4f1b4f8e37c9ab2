using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>What portlint(1) and the Porter's Handbook ask of a port's files.</summary>
public partial class PortLint
{
    /// <summary>The blocks of variables in their order, each with its variables in theirs: "Order of Variables in Port Makefiles". After
    /// these come the port's own variables, and then its targets.</summary>
    private static readonly string[][] Blocks =
    [
        ["PORTNAME", "DISTVERSION", "PORTREVISION", "CATEGORIES", "MASTER_SITES", "DISTFILES", "DIST_SUBDIR", "EXTRACT_ONLY"],
        ["MAINTAINER", "COMMENT", "WWW"],
        ["LICENSE", "LICENSE_COMB", "LICENSE_FILE_BSD2CLAUSE", "LICENSE_FILE_MIT"],
        ["ONLY_FOR_ARCHS", "ONLY_FOR_ARCHS_REASON"],
        ["BUILD_DEPENDS"],
        ["USE_RC_SUBR"],
        ["LDFLAGS"],
        ["MAKE_ARGS"],
        ["PORTDOCS", "PORTEXAMPLES", "SUB_FILES"],
        ["OPTIONS_DEFINE"],
    ];

    [Fact]
    public void The_blocks_and_their_variables_are_in_the_handbooks_order()
    {
        var lines = Lines();
        var found = new List<List<string>>();
        for (var i = 0; i < lines.Length && !lines[i].StartsWith("# NAME:VERSION", StringComparison.Ordinal); i++)
        {
            if (Assignment().Match(lines[i]) is { Success: true } match)
            {
                if (found.Count == 0 || BlankBefore(lines, i))
                {
                    found.Add([]);
                }

                found[^1].Add(match.Groups[1].Value);
            }
        }

        Assert.Equal(Blocks.Select(b => string.Join(' ', b.Where(v => v != "PORTREVISION"))), found.Select(b => string.Join(' ', b)));
    }

    [Fact]
    public void The_targets_are_in_the_order_in_which_they_run()
    {
        Assert.Equal(
            [
                "post-patch", "do-build", "post-build", "post-install", "post-install-DOCS-on", "post-install-EXAMPLES-on", "do-test",
            ],
            Lines().Select(l => Regex.Match(l, "^([a-zA-Z-]+):$")).Where(m => m.Success).Select(m => m.Groups[1].Value));
        // All variables come before them.
        Assert.DoesNotContain(Lines().SkipWhile(l => l != "post-patch:"), l => Assignment().IsMatch(l));
    }

    [Fact]
    public void Each_variable_that_the_port_uses_is_defined()
    {
        var own = Regex.Matches(Text(), @"(?m)^\.\s*for (.*) in ").SelectMany(m => m.Groups[1].Value.Split(' ')).ToHashSet();
        var used = Regex.Matches(Text(), @"\$\{([A-Za-z_]+)[:}]").Select(m => m.Groups[1].Value).Distinct().Except(own).ToList();
        Assert.NotEmpty(used);
        var values = PortTree.Make([.. used.SelectMany(n => new[] { "-V", "${" + n + ":D1}" })]).Ok().Out.TrimEnd('\n').Split('\n');
        Assert.Empty(used.Zip(values).Where(v => v.Second != "1").Select(v => v.First));
    }

    [Fact]
    public void Each_word_that_the_ports_files_leave_open_is_one_that_the_tree_fills_in()
    {
        foreach (var file in Directory.EnumerateFiles(PortTree.Directory + "/files"))
        {
            Assert.All(Regex.Matches(File.ReadAllText(file), "%%[A-Z_]+%%").Select(m => m.Value), w => Assert.Equal("%%PREFIX%%", w));
        }

        Assert.Equal(["MAINTAINER", "NUGET_SITE", "SITE"],
            Regex.Matches(Text(), "%%([A-Z_]+)%%").Select(m => m.Groups[1].Value).Distinct().Order());
    }

    [Fact]
    public void No_file_of_the_port_names_the_prefix_itself()
    {
        foreach (var file in Directory.EnumerateFiles(PortTree.Directory, "*", SearchOption.AllDirectories))
        {
            // /usr/local inside a jail is the jail's; post-patch replaces it in the manual pages.
            var text = Regex.Replace(File.ReadAllText(file), @"/usr/local/(www|etc)/nginx|'s,/usr/local/.*,g'", "");
            Assert.False(text.Contains("/usr/local", StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public void The_style_is_that_of_the_tree()
    {
        Assert.All(Lines(), l => Assert.True(l.Replace("\t", "        ", StringComparison.Ordinal).Length <= 80, l));
        Assert.All(Lines(), l => Assert.DoesNotMatch(@"[ \t]$|^ ", l));
        Assert.DoesNotContain("\n\n\n", Text());
        Assert.DoesNotMatch(@"\$\(", Text().Replace("$$(", "", StringComparison.Ordinal));
        Assert.EndsWith("\n.include <bsd.port.mk>\n", Text());
        foreach (var file in Directory.EnumerateFiles(PortTree.Directory, "*", SearchOption.AllDirectories))
        {
            Assert.EndsWith("\n", File.ReadAllText(file));
            Assert.All(File.ReadAllBytes(file), b => Assert.True(b < 128));
        }
    }

    [Fact]
    public void The_description_and_the_message_are_short()
    {
        var lines = PortTree.Read("pkg-descr").TrimEnd('\n').Split('\n');
        Assert.True(lines.Length <= 24);
        Assert.All(lines, l => Assert.True(l.Length <= 80, l));
        var message = PortTree.Read("files/pkg-message.in").TrimEnd('\n').Split('\n');
        Assert.True(message.Length <= 12);
        Assert.Equal(("[", "]"), (message[0], message[^1]));
    }

    private static bool BlankBefore(string[] lines, int i)
    {
        while (i > 0 && lines[i - 1].StartsWith('#'))
        {
            i--;
        }

        return i > 0 && lines[i - 1] == "";
    }

    private static string Text() => PortTree.Read("Makefile");

    private static string[] Lines() => Text().TrimEnd('\n').Split('\n');

    [GeneratedRegex(@"^([A-Z_0-9a-z]+)\+?=")]
    private static partial Regex Assignment();
}
