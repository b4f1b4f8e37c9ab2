using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary><c>make install</c>, with either make.</summary>
public class Install
{
    [Theory]
    [InlineData("make")]
    [InlineData("bmake")]
    public void It_installs_the_program_and_its_manual_pages(string make)
    {
        using var box = new Box();
        using var child = new Running(make, ["install", $"DESTDIR={box.Top}/dest", "PREFIX=/opt", $"BIN={Box.Binary}"],
            directory: PortTree.Top);
        child.Wait().Ok();
        var dest = box.Top + "/dest/opt/";
        var pages = Directory.EnumerateFiles(PortTree.Top + "/docs")
            .Where(f => f[^2..] is ".5" or ".8").Select(f => $"share/man/man{f[^1]}/{Path.GetFileName(f)}");
        Assert.Equal(pages.Append("sbin/kvol").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(dest, "*", SearchOption.AllDirectories).Select(f => f[dest.Length..]).Order(StringComparer.Ordinal));
        Assert.Equal(0b111_101_101, Sys.TryStat(dest + "sbin/kvol")!.Mode & 0xfff);
    }

    [Fact]
    public void Lint_has_nothing_to_say()
    {
        using var child = new Running("make", ["lint"], directory: PortTree.Top);
        Assert.Equal("", child.Wait().Ok().Err);
    }
}
