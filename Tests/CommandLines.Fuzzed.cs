using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>Command lines by chance.</content>
public partial class CommandLines
{
    [Fact]
    public void Two_hundred_odd_command_lines_crash_nothing_and_refusals_change_nothing()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        var random = new Random(20261127);
        string[] verbs = [.. Commands.Verbs.Names().Where(n => n is not ("version" or "help" or "gc" or "doctor"))];
        string[] words =
        [
            "web", "none", "", "-", "--", "-f", "-q", "-v", "-x", "--json", "--force", "--bogus", "--keep", "--wait", "1", "7d", "-1", "@x",
            "[suggest]", "web@s", "@", "a:b", "web:/x",
            "web:/../x", "\u001b[2J", "\n", "%s", "x\ufffd", "/", ".", "..", box.Root, box.Top + "/none", "--root",
            "--root=", "-l", "a=b", "-o", "name,used", "--filter=name=*", "label.a=b",
            "quota=5", "-j0", "--=", "-=", "---", "--help=1", "\u202e", new string('x', 5000), "😀", "type=volume,source=,destination=",
            "--quota=99999999999999999999999", "--mode=08", "--owner=-1",
        ];
        for (var i = 0; i < 200; i++)
        {
            string[] line =
            [
                verbs[random.Next(verbs.Length)],
                .. Enumerable.Range(0, random.Next(5)).Select(_ => words[random.Next(words.Length)]),
            ];
            var before = box.State();
            var result = box.Run(line);
            var shown = string.Join(" | ", line) + "\n" + result.Err;
            Assert.True(result.Exit is 0 or 1 or 64 or 65 or 66 or 69 or 73 or 75 or 78, $"{result.Exit}: {shown}");
            Assert.DoesNotContain("System.", result.Err, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Err, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', result.Err);
            Assert.All(result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.StartsWith("kvol: ", l));
            if (result.Exit == 64)
            {
                Assert.True(before == box.State(), shown);
            }

            _ = box.Umount("-q");
            box.Run("create", "web").Ok();
        }
    }
}
