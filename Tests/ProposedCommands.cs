using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Port;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A command that a message proposes can be typed as it stands, and is the way out.</summary>
public partial class ProposedCommands
{
    // What is done before, and the command that is refused.
    private static readonly Dictionary<string, (string Before, string Refused)> Cases = new()
    {
        ["umount of a mount point"] = ("kvol mount -q $R web:/srv", "kvol umount $R/srv"),
        ["umount of a mount point with a blank"] = ("mkdir 'r t'; kvol mount -q 'r t' 'web:/a b'", "kvol umount 'r t/a b'"),
        ["rm of a mounted volume"] = ("kvol mount -q $R web:/srv", "kvol rm web"),
        ["rm of a volume that is mounted at a place with a quote"] = ("mkdir \"it's\"; kvol mount -q \"it's\" 'web:/a b'", "kvol rm web"),
        ["rm of a volume that is mounted at a place with a line feed"] =
            ("mkdir $'r\\nt'; kvol mount -q $'r\\nt' $'web:/a\\tb'", "kvol rm web"),
        ["rm of a volume that a container holds"] =
            ("echo '{\"root\":{\"path\":\"'$R'\"},\"annotations\":{\"org.kvol.volume.1\":\"web:/srv\"}}' | "
                + "kvol oci precreate -q >/dev/null 2>&1", "kvol rm web"),
        ["rename of a mounted volume"] = ("kvol mount -q $R web:/srv", "kvol rename web www"),
        ["rename of a volume that somebody mounted by hand"] =
            ("kvol create web >/dev/null; mount --bind $KVOL_ROOT/volumes/web/data $R", "kvol rename web www"),
        ["seed of a mounted volume"] = ("mkdir d; echo x >d/f; kvol mount -q $R web:/srv", "kvol seed web d"),
        ["import into a mounted volume"] = ("tar cf t -C / etc/hostname; kvol mount -q $R web:/srv", "kvol import --into web t"),
        ["another volume at the same place"] = ("kvol mount -q $R web:/srv", "kvol mount $R other:/srv"),
        ["the same volume with other options"] = ("kvol mount -q $R web:/srv", "kvol mount $R web:/srv:ro"),
        ["a foreign mount at the place"] = ("mkdir $R/srv; mount -t tmpfs tmpfs $R/srv", "kvol mount $R web:/srv"),
        ["a mount above another one"] = ("kvol mount -q $R 'web:/srv/a b'", "kvol mount $R other:/srv"),
        ["a mount that another one covers"] = ("kvol mount -q $R web:/srv/www; mount -t tmpfs tmpfs $R/srv", "kvol umount $R"),
        ["a mount that one at a place with a blank covers"] =
            ("kvol mount -q $R 'web:/s v/www'; mount -t tmpfs tmpfs \"$R/s v\"", "kvol umount $R"),
        ["nocreate without the volume"] = (":", "kvol mount $R web:/srv:nocreate"),
        ["autocreate is off"] = ("echo 'autocreate = off' >$KVOL_CONFIG", "kvol mount $R web:/srv"),
        ["detach at another root directory"] = ("mkdir o; kvol attach -q www \"$R\" web:/srv", "kvol detach www o"),
        ["detach at a root directory that is gone"] = ("mkdir 'o x'; kvol attach -q www 'o x' web:/srv", "kvol detach www gone"),
        ["a damaged volume"] = ("kvol create web >/dev/null; rmdir $KVOL_ROOT/volumes/web/data", "kvol create web"),
        ["a damaged record"] = ("kvol create web >/dev/null; echo >$KVOL_ROOT/volumes/web/volume.json", "kvol create web"),
        ["a store of another owner"] = ("kvol create web >/dev/null; chown 5 $KVOL_ROOT/volumes", "kvol create other"),
        ["a run directory of another owner"] = ("mkdir 'r n'; chown 5 'r n'; export KVOL_RUN=$PWD/'r n'", "kvol mount $R web:/srv"),
        ["create with another label"] = ("kvol create web >/dev/null", "kvol create web -l 'a=b c'"),
        ["undelete of a name that is not kept"] = ("kvol create web >/dev/null; kvol rm --keep 1d web >/dev/null", "kvol undelete wbe"),
        ["an empty volume over files while it is writable elsewhere"] =
            ("mkdir -p o $R/srv; echo x >$R/srv/f; kvol mount -q o web:/w", "kvol mount $R web:/srv"),
        ["a word that is no command"] = (":", "kvol qqqqqq"),
        ["an unknown option"] = (":", "kvol rm --xyzxyz"),
        ["import of a compressed archive"] = ("tar cf t -C / etc/hostname; gzip t", "kvol import web t.gz"),
    };

    // FreeBSD unmounts by the id of a mount, whatever covers it.
    public static TheoryData<string> Names =>
        [.. Cases.Keys.Where(n => !Platform.IsFreeBSD || !n.EndsWith(" covers", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_command_of_a_refusal_works(string name)
    {
        using var box = new Box();
        var (before, refused) = Cases[name];
        var script = $"kvol() {{ \"$KVOL\" \"$@\"; }}; {before}; {refused}";
        var result = box.Shell(script);
        var commands = Commands().Matches(result.Err).Select(m => m.Groups.Values.Skip(1).First(g => g.Success).Value).ToArray();
        Assert.True(commands.Length > 0, "no command is proposed: " + result.Err);
        foreach (var command in commands)
        {
            var again = box.Shell($"kvol() {{ \"$KVOL\" \"$@\"; }}; {command}");
            Assert.True(again.Exit == 0, $"{result.Err}{command}: exit {again.Exit}: {again.Err}");
        }
    }

    [Fact]
    public void Every_command_that_a_message_may_propose_is_one_that_kvol_takes()
    {
        var wrong = new List<string>();
        var seen = 0;
        var directories = new[] { "Commands", "Storage" }.Select(d => $"{PortTree.Top}/{d}");
        foreach (var file in directories.SelectMany(d => Directory.EnumerateFiles(d, "*.cs", SearchOption.AllDirectories)))
        {
            foreach (var line in File.ReadLines(file).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                var text = Interpolations().Replace(line.Split(" // ")[0], "x");
                foreach (Match match in InSource().Matches(text).Where(m => m.Groups[1].Value.Split(' ')[0] != "x"))
                {
                    seen++;
                    try
                    {
                        _ = Kvol.Commands.CommandLine.Read(match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                    }
                    catch (Exception e)
                    {
                        wrong.Add($"{Path.GetFileName(file)}: kvol {match.Groups[1].Value}: {e.Message}");
                    }
                }
            }
        }

        Assert.True(seen > 20, $"only {seen} were found");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Between quotes, or from a colon to the end of the line or of the clause.
    [GeneratedRegex(
        @"(?<![\w'])'((?:kvol|umount|nsenter|mkdir|chown|chmod|gzip) (?:[^']|'\\'')*)'(?!\w)" +
        @"|(?<!usage): ((?:kvol|umount|nsenter|mkdir|chown|chmod|gzip) (?:\$'(?:[^'\\]|\\.)*'|'[^']*'|\\'|[^;\n'])*)",
        RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex(@"(?<='|: )kvol ([a-z-]+(?: [^;'""|<>(),]*)?)")]
    private static partial Regex InSource();

    [GeneratedRegex(@"\{(?:[^{}]|\{[^{}]*\})*\}")]
    private static partial Regex Interpolations();
}
