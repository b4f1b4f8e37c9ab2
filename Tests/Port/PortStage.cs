using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>What the port installs into its stage directory, from the sources of the last commit.</summary>
public class PortStage
{
    [Theory]
    [InlineData("/usr/local")]
    [InlineData("/opt/pkg")]
    public void The_packing_list_has_exactly_what_is_installed(string prefix)
    {
        using var box = new Box();
        var stage = Stage(box, prefix);
        var listed = PortTree.Read("pkg-plist").TrimEnd('\n').Split('\n').Select(l => Regex.Replace(l, "^@sample ", ""));
        // USE_RC_SUBR lists its script, PORTDOCS and PORTEXAMPLES what is in their directories.
        var installed = Files(stage).Select(f => f[(stage.Length + 1)..])
            .Where(f => f != "etc/rc.d/kvol" && !f.StartsWith("share/doc/kvol/", StringComparison.Ordinal)
                && !f.StartsWith("share/examples/kvol/", StringComparison.Ordinal));
        Assert.Equal(listed.Order(StringComparer.Ordinal), installed.Order(StringComparer.Ordinal));
        Assert.Equal(0b101_101_101, Sys.TryStat(stage + "/sbin/kvol")!.Mode & 0xfff);
        Assert.Equal([stage], Directory.EnumerateDirectories(Path.GetDirectoryName(stage)!));
    }

    [Fact]
    public void Each_page_of_the_manual_and_each_guide_is_installed()
    {
        using var box = new Box();
        var stage = Stage(box, "/usr/local");
        var installed = Files(stage).Select(f => f[(stage.Length + 1)..]).ToHashSet();
        Assert.All(Directory.EnumerateFiles(PortTree.Top + "/docs").Where(f => f[^2..] is ".5" or ".8"),
            f => Assert.Contains($"share/man/man{f[^1]}/{Path.GetFileName(f)}.gz", installed));
        Assert.All(Directory.EnumerateFiles(PortTree.Top + "/docs/guests"),
            f => Assert.Contains($"share/doc/kvol/guests/{Path.GetFileName(f)}", installed));
        Assert.Contains("share/doc/kvol/README.md", installed);
        Assert.Contains("share/doc/kvol/ThirdPartyNotices.txt", installed);
        Assert.Contains("share/examples/kvol/jail.conf", installed);
    }

    [Fact]
    public void Nothing_that_is_installed_names_another_prefix()
    {
        using var box = new Box();
        var stage = Stage(box, "/opt/pkg");
        var named = new List<string>();
        foreach (var file in Files(stage).Where(f => !f.EndsWith("/sbin/kvol", StringComparison.Ordinal) && Path.GetExtension(f) != ".md"))
        {
            var text = file.EndsWith(".gz", StringComparison.Ordinal) ? Unpacked(file) : File.ReadAllText(file);
            // What a jail has below /usr/local is not this host's.
            named.AddRange(Regex.Matches(text, @"/usr/local/(?!www/nginx|etc/nginx)\S*").Select(m => $"{file}: {m.Value}"));
        }

        Assert.Empty(named);
        Assert.Contains("/opt/pkg/etc/kvol.conf", Unpacked(stage + "/share/man/man5/kvol.conf.5.gz"));
        Assert.Contains("/opt/pkg/sbin/kvol attach", File.ReadAllText(stage + "/share/examples/kvol/jail.conf"));
        Assert.Contains("kvol=\"/opt/pkg/sbin/kvol\"", File.ReadAllText(stage + "/etc/rc.d/kvol"));
    }

    [Fact]
    public void The_licences_of_all_that_is_linked_in_are_in_the_package()
    {
        using var box = new Box();
        Stage(box, "/usr/local");
        Assert.Contains("the kvol authors", File.ReadAllText(box.Top + "/work/licenses/BSD2CLAUSE"));
        var others = File.ReadAllText(box.Top + "/work/licenses/MIT");
        Assert.Contains("Copyright (c) .NET Foundation", others);
        foreach (Match package in Regex.Matches(File.ReadAllText(PortTree.Top + "/kvol.csproj"), "<PackageReference Include=\"([^\"]+)\""))
        {
            Assert.Contains(package.Groups[1].Value, others);
        }
    }

    private static string Stage(Box box, string prefix)
    {
        var copy = box.Top + "/kvol";
        Tool.Run("cp", "-R", PortTree.Directory, copy);
        PortFiles.MakeDistinfo(copy, box.Top + "/distfiles");
        Tool.Run("mkdir", "-p", box.Top + "/local/share/dotnet", box.Top + "/work/publish");
        File.WriteAllText(box.Top + "/local/share/dotnet/ThirdPartyNotices.txt", "notices\n");
        string[] places =
        [
            $"DISTDIR={box.Top}/distfiles", $"WRKDIRPREFIX={box.Top}", $"DISTINFO={copy}/distinfo", $"LOCALBASE={box.Top}/local",
            $"PREFIX={prefix}",
        ];
        PortTree.Make(["patch", .. places]).Ok();
        Tool.Run("cp", "/bin/true", box.Top + "/work/publish/kvol");
        PortTree.Make(["stage", .. places]).Ok();
        return PortTree.Value("STAGEDIR", places) + prefix;
    }

    private static IEnumerable<string> Files(string directory) => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories);

    private static string Unpacked(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
