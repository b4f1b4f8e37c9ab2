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

    /// <summary>Each command that changes something is run with -n first, which is held against what the command then does. The whole of
    /// it, with KVOL_ACCEPTANCE_DRY=1, takes twice as long.</summary>
    [Fact]
    [Trait("System", "Linux")]
    public void It_passes_with_a_dry_run_before_each_command()
    {
        var result = Run("tmpfs", Box.Binary, new() { ["KVOL_ACCEPTANCE_DRY"] = "1" },
            "volumes", "seeds", "mounts", "umounts", "attach", "stores", "archives", "keep");
        Assert.True(result.Exit == 0, result.Out);
        Assert.True(Count(result.Out, "ok ") >= 100, result.Out);
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
        var result = Run("tmpfs", Box.Binary, null, "-v", "created_and_removed");
        Assert.Equal(0, result.Exit);
        Assert.EndsWith("\n1 passed, 0 failed, 0 skipped\n", result.Out);
        Assert.Contains(" s\n", result.Out);
    }

    private static Result Run(string type, string program, Dictionary<string, string>? more = null, params string[] arguments)
    {
        using var box = new Box(type);
        var environment = new Dictionary<string, string>(more ?? [])
        {
            ["KVOL_BIN"] = program,
            ["TMPDIR"] = box.Top,
            ["KVOL_ACCEPTANCE_PLACES"] = "here",
        };
        using var child = new Running("/bin/sh", [PortTree.Top + "/Tests/Port/acceptance.sh", .. arguments], environment);
        return child.Wait(3600);
    }

    private static int Count(string text, string start) =>
        text.Split('\n').Count(l => l.StartsWith(start, System.StringComparison.Ordinal));
}
