using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>An archive decides neither how much memory an import takes nor how much it says: what goes beyond a limit is refused as a
/// whole, by a line that names the
/// member and the limit.</summary>
[Trait("System", "Linux")]
public partial class HostileArchivesLimits
{
    private const long MostMemory = 64 << 20;

    private static string Long(int length) => new('n', length);

    public static TheoryData<string> TooMuch =>
    [
        "a long pax name", "a long GNU name", "a long link", "a long GNU link", "a long name with holes", "a deep name", "a large header",
            "global headers", "many attribute names",
        "a long list", "a long word of flags", "missing parents", "pieces before the data", "pieces in blocks",
    ];

    [Theory]
    [MemberData(nameof(TooMuch))]
    public void What_is_beyond_a_limit_is_named_and_nothing_is_imported(string what)
    {
        using var box = new Box();
        box.Run("init").Ok();
        var tar = new TarBytes().Add("good");
        var limit = "65536";
        switch (what)
        {
            case "a long pax name":
                tar.Pax("path=d/" + Long(65535)).Add("x");
                break;
            case "a long GNU name":
                tar.Add("././@LongLink", 'L', "d/" + Long(70000) + "\0").Add("x");
                break;
            case "a long link":
                tar.Pax("linkpath=" + Long(65537)).Add("nnnn", '2');
                break;
            case "a long GNU link":
                tar.Add("././@LongLink", 'K', Long(70000) + "\0").Add("x", '1');
                break;
            case "a long name with holes":
                tar.Pax("GNU.sparse.name=" + Long(65537)).Add("x");
                break;
            case "a deep name":
                tar.Pax("path=nnnn/" + string.Concat(Enumerable.Repeat("d/", 10001))).Add("x", '5');
                limit = "10000";
                break;
            case "a large header":
                tar.Add("nnnn", 'x', new string('0', (2 << 20) + 1)).Add("x");
                limit = "2097152";
                break;
            case "global headers":
                for (var i = 0; i < 5; i++)
                {
                    tar.Add("nnnn", 'g', Record("comment=" + new string('c', 15000)));
                }

                tar.Add("x");
                break;
            case "many attribute names":
                tar.Pax([.. Enumerable.Range(0, 400).Select(i => $"SCHILY.xattr.user.{i}{new string('a', 180)}=v")]).Add("nnnn");
                break;
            case "a long list":
                tar.Pax("SCHILY.acl.access=" + string.Concat(Enumerable.Repeat("user:1:r--,", 60000))).Add("nnnn");
                limit = "196608";
                break;
            case "a long word of flags":
                tar.Pax("SCHILY.fflags=" + Long(2000)).Add("nnnn");
                limit = "1024";
                break;
            case "missing parents":
                tar.Pax("path=a/" + string.Concat(Enumerable.Repeat("d/", 9000)) + "f").Add("x").Pax("path=nnnn/"
                    + string.Concat(Enumerable.Repeat("d/", 9000)) + "f").Add("x");
                limit = "16";
                break;
            case "pieces before the data":
                tar.Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=nnnn", "GNU.sparse.realsize=1").Add("nnnn",
                    content: "4000000\n".PadRight(512, '\0'));
                limit = "262144";
                break;
            default:
                OldMap(tar, 53000);
                limit = "262144";
                break;
        }

        File.WriteAllBytes(box.Top + "/x.tar", tar.End());
        var result = box.Run("import", "v", "x.tar").Refused(65, limit);
        Assert.Contains("nnnn", result.Err, StringComparison.Ordinal);
        Assert.Single(result.Err.TrimEnd().Split('\n'));
        Assert.InRange(result.Err.Length, 1, 2500);
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void What_is_just_within_the_limits_is_taken()
    {
        using var box = new Box("xfs");
        var deep = string.Concat(Enumerable.Repeat("d/", 2000));
        var tar = new TarBytes().Pax("path=" + deep + "f").Add("x", content: "deep").Add("././@LongLink", 'L', "./" + deep
            + "g\0").Add("x", content: "deep")
            .Pax([.. Enumerable.Range(0, 30).Select(i => $"SCHILY.xattr.trusted.{i}={new string('v', 60000)}")]).Add("attributes");
        File.WriteAllBytes(box.Top + "/x.tar", tar.End());
        Assert.DoesNotContain("not", box.Run("import", "v", "x.tar").Ok().Err, StringComparison.Ordinal);
        Assert.Equal("30", box.Shell("getfattr -m- \"$1\"/attributes 2>/dev/null | grep -c trusted", box.Data("v")).Ok().Out.Trim());
    }

    [Fact]
    public void A_thousand_refused_members_are_listed_and_all_are_counted()
    {
        using var box = new Box();
        var tar = new TarBytes();
        for (var i = 0; i < 3000; i++)
        {
            tar.Add($"../{i:d4}" + new string('\x1b', 80));
        }

        tar.Pax("path=../" + new string('\x1b', 60000)).Add("x").Add("good");
        File.WriteAllBytes(box.Top + "/x.tar", tar.End());
        var result = box.Run("import", "v", "x.tar", "--json");
        Assert.Equal(1, result.Exit);
        var json = JsonDocument.Parse(result.Out).RootElement;
        Assert.Equal(3001, json.GetProperty("not_taken_count").GetInt32());
        Assert.Equal(1000, json.GetProperty("not_taken").GetArrayLength());
        Assert.StartsWith("../0000", json.GetProperty("not_taken")[0].GetString());
        Assert.All(json.GetProperty("not_taken").EnumerateArray(), line => Assert.InRange(line.GetString()!.Length, 1, 2100));
        Assert.Contains("2981 more", result.Err, StringComparison.Ordinal);
        Assert.Equal(["good"], Sys.List(box.Data("v")));
    }

    [Fact]
    public void Directories_beyond_memory_are_completed_too()
    {
        using var box = new Box();
        var tar = new TarBytes();
        for (var i = 0; i < 3000; i++)
        {
            tar.Pax("mtime=1000.5", "SCHILY.xattr.trusted.a="
                + new string('v', 300)).Add($"d{i}/", '5', mode: 0b101_000_000, uid: "0000007").Add($"d{i}/f");
        }

        File.WriteAllBytes(box.Top + "/x.tar", tar.End());
        box.Run("import", "v", "x.tar").Ok();
        Assert.Equal("3000",
            box.Shell("cd \"$1\" && find . -mindepth 1 -type d -perm 500 -uid 7 -newermt @999 ! -newermt @1001 | wc -l",
            box.Data("v")).Ok().Out.Trim());
        Assert.Equal("3000",
            box.Shell("cd \"$1\" && getfattr -n trusted.a d* 2>/dev/null | grep -c '^trusted.a='", box.Data("v")).Ok().Out.Trim());
        Assert.DoesNotContain(Sys.List(box.Data("v")), n => n.StartsWith('.'));
    }

    [Fact]
    public void A_flag_that_forbids_changes_is_that_of_the_last_member_of_a_name()
    {
        using var box = new Box("ext4");
        const string Flag = "SCHILY.fflags=schg,uappnd";
        var tar = new TarBytes().Add("d/", '5').Pax(Flag).Add("d/replaced").Add("d/replaced",
            content: "plain").Pax(Flag).Add("d/kept").Add("d/more", '1', link: "d/kept").Add("top", '1', link: "d/kept")
            .Pax(Flag).Add("d/linked").Add("d/linked2", '1', link: "d/linked").Pax(Flag).Add("sub/",
                '5').Add("sub/f").Pax(Flag).Add("d/inner/", '5').Add("d/inner/f");
        File.WriteAllBytes(box.Top + "/x.tar", tar.End());
        box.Run("import", "v", "x.tar").Ok();
        var flags = box.Shell(
            "cd \"$1\" && lsattr -d d/replaced d/kept d/more top d/linked d/linked2 sub sub/f d/inner d/inner/f | sed 's/[^ ia]*//g; s/ "
                + ".*//' | sed 's/[^ia]//g'", box.Data("v")).Ok();
        Assert.Equal(["", "ia", "ia", "ia", "ia", "ia", "ia", "", "ia", ""],
            flags.Out.Split('\n')[..^1].Select(l => l.Contains('i') ? "ia" : ""));
        box.Run("rm", "v").Ok();
    }

    public static TheoryData<string> Bombs =>
        ["long names", "directories", "hard links", "deep trees", "deep alternating trees", "refused members", "holes", "attributes",
            "large attributes", "global headers", "links in place of files", "lists", "protected files",
            "several of these at once"];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Memory_does_not_grow_with_the_archive(string what)
    {
        using var box = new Box(what switch { "protected files" => "ext4", "several of these at once" => "xfs", _ => "tmpfs" });
        box.Run("init").Ok();
        using (var file = File.Create(box.Top + "/x.tar"))
        {
            Bomb(what, file);
        }

        var result = box.Shell(
            "exec python3 -c 'import resource, subprocess, sys\nstatus = "
                + "subprocess.call(sys.argv[1:])\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(status)' "
                + "\"$KVOL\" import v x.tar");
        Assert.InRange(result.Exit, 0, 1);
        var peak = long.Parse(result.Out.Trim().Split('\n')[^1]) * 1024;
        Assert.InRange(result.Err.Length, 0, 50000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {peak / 1048576.0:F1} MiB");
        Assert.True(peak < MostMemory, $"{what}: {peak / 1048576.0:F1} MiB");
    }

    [Fact]
    public void The_export_of_a_deep_tree_comes_back_in_little_memory()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Tree.BuildDeep(box.Data("v"), 5000);
        var result = box.Shell(
            "\"$KVOL\" export v -o x.tar && exec python3 -c 'import resource, subprocess, sys\nstatus = "
                + "subprocess.call(sys.argv[1:])\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(status)' "
                + "\"$KVOL\" import w x.tar").Ok();
        Assert.InRange(long.Parse(result.Out.Trim()) * 1024, 1, MostMemory);
        Manifest.Of(box.Data("v")).MustEqual(Manifest.Of(box.Data("w")));
    }

    [Fact]
    public void What_lies_too_deep_to_come_back_is_named_by_the_export()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Tree.BuildDeep(box.Data("v"), 10100);
        File.WriteAllText(box.Data("v") + "/f", "content");
        var result = box.Run("export", "v", "-o", "x.tar").Ok();
        Assert.Contains("lies deeper than 10000 directories", result.Err, StringComparison.Ordinal);
        Assert.Single(result.Err.TrimEnd().Split('\n'));
        box.Run("import", "w", "x.tar").Ok();
        Assert.Equal("content", File.ReadAllText(box.Data("w") + "/f"));
    }
}
