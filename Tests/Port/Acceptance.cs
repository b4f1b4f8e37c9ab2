using System.Collections.Generic;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The acceptance test that is made for FreeBSD, on this host.</summary>
public class Acceptance
{
    [Fact]
    public void It_passes_here_too()
    {
        using var box = new Box();
        using var child = new Running("/bin/sh", [PortTree.Top + "/Tests/Port/acceptance.sh"],
            new Dictionary<string, string> { ["KVOL_BIN"] = Box.Binary, ["TMPDIR"] = box.Top });
        Assert.EndsWith(" passed, 0 failed\n", child.Wait(900).Ok().Out);
    }

    [Fact]
    public void A_kvol_that_does_nothing_fails_every_part_of_it()
    {
        using var box = new Box();
        using var child = new Running("/bin/sh", [PortTree.Top + "/Tests/Port/acceptance.sh"],
            new Dictionary<string, string> { ["KVOL_BIN"] = "/bin/true", ["TMPDIR"] = box.Top });
        var result = child.Wait(900);
        Assert.Equal(1, result.Exit);
        Assert.Contains("\n0 passed, ", result.Out);
    }
}
