using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>Where the rc.d script is at boot among those of base and of the jail managers, as rcorder(8) sorts them: a script comes after
/// all that provide what it requires, and before all that provide what it names in BEFORE. A word that nobody provides orders
/// nothing.</summary>
public class RcOrder
{
    private sealed record Script(string Name, string[] Provides, string[] Requires, string[] Before);

    [Theory]
    [InlineData("jail")]
    [InlineData("appjail")]
    [InlineData("bastille")]
    [InlineData("iocage")]
    [InlineData("kleened")]
    [InlineData("pot")]
    public void It_runs_before_each_that_starts_jails(string manager) =>
        Assert.Contains("kvol", Earlier(Scripts())[manager]);

    [Theory]
    [InlineData("zfs")]
    [InlineData("zfskeys")]
    [InlineData("mountcritlocal")]
    [InlineData("mountcritremote")]
    [InlineData("mountlate")]
    [InlineData("cleanvar")] // it empties /var/run, where kvol's run directory is
    public void It_runs_after_all_that_mount_file_systems(string script) =>
        Assert.Contains(script, Earlier(Scripts())["kvol"]);

    [Fact]
    public void Nothing_runs_before_itself() =>
        Assert.All(Earlier(Scripts()), s => Assert.DoesNotContain(s.Key, s.Value));

    [Fact]
    public void Without_its_words_the_order_would_be_left_open()
    {
        var bare = Scripts().Select(s => s.Name == "kvol" ? s with { Requires = [], Before = [] } : s);
        var earlier = Earlier(bare);
        Assert.DoesNotContain("kvol", earlier["appjail"]);
        Assert.Empty(earlier["kvol"]);
    }

    /// <summary>What is certain to run before each script: what rcorder(8) may not change.</summary>
    private static Dictionary<string, HashSet<string>> Earlier(IEnumerable<Script> scripts)
    {
        var all = scripts.ToList();
        var providers = all.SelectMany(s => s.Provides, (s, word) => (word, s.Name)).ToLookup(p => p.word, p => p.Name);
        var direct = all.ToDictionary(s => s.Name, s => s.Requires.SelectMany(word => providers[word]).ToHashSet());
        foreach (var (name, word) in all.SelectMany(s => s.Before, (s, word) => (s.Name, word)))
        {
            foreach (var later in providers[word])
            {
                direct[later].Add(name);
            }
        }

        return all.ToDictionary(s => s.Name, s => Reached(s.Name, direct));
    }

    private static HashSet<string> Reached(string name, Dictionary<string, HashSet<string>> direct)
    {
        var found = new HashSet<string>();
        var open = new Queue<string>(direct[name]);
        while (open.TryDequeue(out var next))
        {
            if (found.Add(next))
            {
                foreach (var earlier in direct[next])
                {
                    open.Enqueue(earlier);
                }
            }
        }

        return found;
    }

    private static IEnumerable<Script> Scripts()
    {
        var own = PortTree.Read("files/kvol.in").Split('\n');
        return File.ReadLines(PortTree.Top + "/Tests/Port/rc-headers.txt").Where(l => l.Length > 0 && l[0] != '#').Select(Parse)
            .Append(new("kvol", Words(own, "PROVIDE"), Words(own, "REQUIRE"), Words(own, "BEFORE")));
    }

    private static Script Parse(string line)
    {
        var fields = line.Split(';', StringSplitOptions.TrimEntries);
        Assert.Equal(4, fields.Length);
        return new(fields[0], Split(fields[1]), Split(fields[2]), Split(fields[3]));
    }

    private static string[] Words(string[] lines, string keyword) =>
        [.. lines.Where(l => l.StartsWith($"# {keyword}: ", StringComparison.Ordinal)).SelectMany(l => Split(l.Split(": ", 2)[1]))];

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
