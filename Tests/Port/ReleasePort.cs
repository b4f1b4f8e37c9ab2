using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary><c>make release-port</c>: nothing in the repository names a host or a person, and the port that it makes names both.</summary>
public class ReleasePort
{
    [Fact]
    public void It_fills_in_addresses_maintainer_and_all_checksums()
    {
        using var box = new Box();
        Release(box, "https://kvol.invalid/releases", "https://feed.invalid/base", "jane@example.org").Ok();
        var port = box.Top + "/out/sysutils/kvol";
        var makefile = File.ReadAllText(port + "/Makefile");
        Assert.DoesNotContain("%%", makefile);
        Assert.Equal("https://kvol.invalid/releases", Value(port, "WWW"));
        Assert.Equal("jane@example.org", Value(port, "MAINTAINER"));
        Assert.Equal("https://kvol.invalid/releases/ https://feed.invalid/base/system.commandline/2.0.15/:nuget_system_commandline",
            Value(port, "MASTER_SITES"));
        // One checksum and one size for each file that is fetched, and of no other.
        var files = Value(port, "DISTFILES").Split(' ').Select(f => "kvol/" + f.Split(':')[0]).Order(StringComparer.Ordinal);
        var distinfo = File.ReadAllText(port + "/distinfo");
        foreach (var kind in new[] { "SHA256", "SIZE" })
        {
            Assert.Equal(files,
                Regex.Matches(distinfo, $@"(?m)^{kind} \((.*)\) = ").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
        }

        Assert.All(files, f => Assert.True(File.Exists($"{box.Top}/distfiles/{f}"), f));
    }

    [Theory]
    [InlineData("SITE", "", "https://feed.invalid", "jane@example.org")]
    [InlineData("SITE", "http://kvol.invalid", "https://feed.invalid", "jane@example.org")]
    [InlineData("SITE", "https://kvol.invalid/", "https://feed.invalid", "jane@example.org")]
    [InlineData("SITE", "https://kvol.invalid|x", "https://feed.invalid", "jane@example.org")]
    [InlineData("NUGET_SITE", "https://kvol.invalid", "", "jane@example.org")]
    [InlineData("MAINTAINER", "https://kvol.invalid", "https://feed.invalid", "")]
    [InlineData("MAINTAINER", "https://kvol.invalid", "https://feed.invalid", "jane")]
    [InlineData("MAINTAINER", "https://kvol.invalid", "https://feed.invalid", "ports@FreeBSD.org")]
    public void A_value_that_a_committer_would_refuse_is_refused_and_named(string name, string site, string nuget, string maintainer)
    {
        using var box = new Box();
        var result = Release(box, site, nuget, maintainer);
        Assert.Equal(64, result.Exit);
        Assert.StartsWith($"release.sh: {name}=", result.Err);
        Assert.False(Directory.Exists(box.Top + "/out"));
    }

    [Fact]
    public void No_file_of_the_port_names_a_host_or_a_person()
    {
        foreach (var file in Directory.EnumerateFiles(PortTree.Top + "/port", "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch("(https?|ftp)://[a-z]", File.ReadAllText(file));
        }

        Assert.Equal("%%MAINTAINER%%", PortTree.Value("MAINTAINER"));
    }

    private static Result Release(Box box, string site, string nuget, string maintainer)
    {
        using var child = new Running("sh", [PortTree.Top + "/port/release.sh", box.Top + "/out", box.Top + "/distfiles"],
            new Dictionary<string, string> { ["SITE"] = site, ["NUGET_SITE"] = nuget, ["MAINTAINER"] = maintainer });
        return child.Wait();
    }

    private static string Value(string port, string name)
    {
        using var child = new Running("bmake", ["-r", "-m", PortTree.Stubs, "-V", "${" + name + "}"], directory: port);
        return child.Wait().Ok().Out.Trim();
    }
}
