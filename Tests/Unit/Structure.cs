using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Data flows one way: Program, Commands, Storage, Native.</summary>
public class Structure
{
    [Theory]
    [InlineData(@"\[(LibraryImport|DllImport)\b", "Native")]
    [InlineData(@"using Kvol\.Native\b", "Storage,Native")]
    [InlineData(@"\bConsole\.|using System\.CommandLine", "Program.cs,Commands")]
    [InlineData(@"using Tmds\.", "Native/Linux")]
    [InlineData(@"\bunsafe\b", "Native")]
    [InlineData(@"OperatingSystem\.Is|RuntimeInformation\.IsOSPlatform", "")]
    public void A_thing_is_used_only_in_its_room(string pattern, string rooms)
    {
        var allowed = rooms.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var wrong = Sources().Where(f => !allowed.Any(r => f.Name == r || f.Name.StartsWith(r + "/", StringComparison.Ordinal)))
            .Where(f => f.Lines.Any(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && Regex.IsMatch(l, pattern)))
            .Select(f => f.Name);
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_file_is_over_300_lines()
    {
        Assert.Empty(Sources("Tests").Concat(Sources()).Where(f => f.Lines.Length > 300).Select(f => $"{f.Name}: {f.Lines.Length}"));
    }

    [Fact]
    public void Every_class_for_the_test_machine_says_so()
    {
        // Without the word the class would run on the host, and boot a second machine on the same disks.
        var files = Sources("Tests/Zfs").Concat(Sources("Tests/Nfs")).ToArray();
        Assert.NotEmpty(files);
        Assert.Empty(files.Where(f => f.Lines.Any(l => Regex.IsMatch(l, @"\[(Fact|Theory)\b"))
            && !f.Lines.Any(l => l.Contains("Trait(\"Needs\", \"Machine\")", StringComparison.Ordinal))).Select(f => f.Name));
    }

    [Fact]
    public void No_line_is_over_140_columns()
    {
        Assert.Empty(Sources("Tests").Concat(Sources())
            .SelectMany(f => f.Lines.Index().Where(l => l.Item.Length > 140).Select(l => $"{f.Name}:{l.Index + 1}")));
    }

    [Theory]
    [InlineData(@"(?i)\bmode\w*\b[^;]*\b0[xb][0-9a-f_]+", "")] // C# has no octal numbers: modes have names
    [InlineData(@"\b(?:MakeDirectory|MakeNode|CreateNew|CreateUnnamed|OpenOrCreate|SetMode)\(.*\b0[xb][0-9a-fA-F_]+", "")]
    [InlineData(@"\b0x(?:1c0|1ed|1a4|180|1b6|1ff|16d|124|3f)\b", "")]
    [InlineData(@"\bsyscall\(", "")] // each system call is declared with its own types
    [InlineData(@"MemoryMarshal\.CreateReadOnlySpan\(|\(void\*\)", "")]
    public void A_number_or_a_cast_says_what_it_means(string pattern, string rooms) => A_thing_is_used_only_in_its_room(pattern, rooms);

    /// <summary>A failure that tells of kvol's own question (EBADF, EINVAL) is no answer: what goes on after one names the failures that it
    /// means, or uses what was caught.</summary>
    [Fact]
    public void No_catch_takes_every_failed_call_for_an_answer()
    {
        var bare = Sources().SelectMany(f => f.Lines.Index()
            .Where(l => l.Item.Trim() == "catch (NativeException)"
                && !f.Lines.Skip(l.Index + 1).TakeWhile(x => x.Trim() != "}").Any(x => x.Contains("throw", StringComparison.Ordinal)))
            .Select(l => $"{f.Name}:{l.Index + 1}"));
        Assert.Empty(bare);
    }

    private static IEnumerable<(string Name, string[] Lines)> Sources(string? room = null)
    {
        var top = SourceTree.Top;
        var folders = room is null ? new[] { "Commands", "Storage", "Native" } : [room];
        var files = folders.Select(f => Path.Combine(top, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        if (room is null && File.Exists(Path.Combine(top, "Program.cs")))
        {
            files = files.Append(Path.Combine(top, "Program.cs"));
        }

        return files.Select(f => (f[(top.Length + 1)..], File.ReadAllLines(f)));
    }
}
