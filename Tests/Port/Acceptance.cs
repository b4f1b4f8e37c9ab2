using System.Collections.Generic;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The acceptance test that is made for FreeBSD, on this host.</summary>
public class Acceptance
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("tmpfs")]
    public void It_passes_here_too(string type)
    {
        var result = Run(type, Box.Binary);
        Assert.True(result.Exit == 0, result.Out);
        Assert.Contains(" passed, 0 failed, ", result.Out);
        Assert.True(Count(result.Out, "ok ") >= 200, result.Out);
    }

    /// <summary>Each check has to see something that kvol did. A program that answers nothing, and one that refuses all, pass
    /// none.</summary>
    [Theory]
    [InlineData("/bin/true")]
    [InlineData("/bin/false")]
    public void A_kvol_that_does_nothing_fails_every_part_of_it(string program)
    {
        var result = Run("tmpfs", program);
        Assert.Equal(1, result.Exit);
        Assert.True(Count(result.Out, "ok ") == 0, result.Out);
        Assert.True(Count(result.Out, "not ok ") >= 200, result.Out);
    }

    [Fact]
    public void A_pattern_chooses_checks_and_v_shows_what_they_print()
    {
        var result = Run("tmpfs", Box.Binary, "-v", "created_and_removed");
        Assert.Equal(0, result.Exit);
        Assert.EndsWith("\n1 passed, 0 failed, 0 skipped\n", result.Out);
        Assert.Contains(" s\n", result.Out);
    }

    private static Result Run(string type, string program, params string[] arguments)
    {
        using var box = new Box(type);
        using var child = new Running("/bin/sh", [PortTree.Top + "/Tests/Port/acceptance.sh", .. arguments],
            new Dictionary<string, string> { ["KVOL_BIN"] = program, ["TMPDIR"] = box.Top, ["KVOL_ACCEPTANCE_PLACES"] = "here" });
        return child.Wait(900);
    }

    private static int Count(string text, string start) =>
        text.Split('\n').Count(l => l.StartsWith(start, System.StringComparison.Ordinal));
}
