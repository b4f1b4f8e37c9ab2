using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>An archive comes from strangers: nothing is written outside the volume, what cannot be taken is listed, a broken one leaves
/// nothing.</summary>
[Trait("System", "Linux")]
public class HostileArchives
{
    [Theory]
    [InlineData("/tmp/x")]
    [InlineData("/")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/..")]
    [InlineData("..")]
    [InlineData("./../x")]
    [InlineData("")]
    public void A_name_that_leads_out_is_refused_and_listed(string name)
    {
        using var box = new Box();
        box.Run("init").Ok();
        var before = Outside(box);
        foreach (var type in "0235")
        {
            Import(box, new TarBytes().Add("a/", '5').Add(name, type, link: "x", content: type == '0' ? "evil" : "")
                .Add("good", content: "good").End(), 1, "v" + type);
            Assert.Equal("good", File.ReadAllText(box.Data("v" + type) + "/good"));
            Assert.Equal(["a", "good"], Sys.List(box.Data("v" + type)));
        }

        Assert.Equal(before, Outside(box));
    }

    [Fact]
    public void What_comes_later_of_one_name_counts_however_many_files_are_made_at_once()
    {
        using var box = new Box();
        // Each version is followed by a file of another directory, so that two versions of one name are never in one hand.
        box.Shell("mkdir -p in/a in/b && cd in && for i in $(seq 1 300); do echo $i >a/x; echo $i >b/y; tar -rf ../x.tar a/x b/y; done "
            + "&& rm a/x && mkdir a/x && echo below >a/x/f && ln b/y b/z && tar -rf ../x.tar a/x/f b/y b/z").Ok();
        for (var round = 0; round < 5; round++)
        {
            // A file is where a directory should be: that one and what is below it are refused, nothing else is.
            var result = box.Run("import", "v", "x.tar", "--json");
            Assert.Equal(1, result.Exit);
            Assert.Equal(1, JsonDocument.Parse(result.Out).RootElement.GetProperty("not_taken").GetArrayLength());
            Assert.Equal("300\n300\n300\n", box.Shell("cat \"$1\"/a/x \"$1\"/b/y \"$1\"/b/z", box.Data("v")).Ok().Out);
            Assert.Equal(2u, Sys.Stat(box.Data("v") + "/b/y").Links);
            box.Run("rm", "v").Ok();
        }
    }

    [Fact]
    public void Nothing_is_written_through_a_link_that_the_archive_made()
    {
        using var box = new Box();
        box.Run("init").Ok();
        box.MakeDir("target");
        var before = Outside(box);
        var result = Import(
            box, new TarBytes().Add("out", '2', link: box.Top + "/target").Add("up", '2', link: "../../../..").Add("d/", '5')
                .Add("d/l", '2', link: "../../.."
            ).Add("out/evil", content: "x").Add("up/evil/", '5').Add("d/l/evil", content: "x").Add("out/f", '1', link: "d/l")
                .Add("h", '1', link: "out/evil").Add("fine", content: "x").End(),
            1, "v");
        Assert.Equal(before, Outside(box));
        Assert.Equal(["d", "fine", "out", "up"], Sys.List(box.Data("v")));
        Assert.Equal(5, result.GetProperty("not_taken").GetArrayLength());
    }

    [Fact]
    public void A_file_in_the_place_of_a_link_replaces_the_link_and_not_what_it_leads_to()
    {
        using var box = new Box();
        var victim = box.MakeFile("victim", "mine");
        Import(box, new TarBytes().Add("l", '2', link: victim).Add("l", content: "new").Add("d", '2', link: box.Top).Add("d/", '5')
            .Add("d/f", content: "x").End(), 0, "v");
        Assert.Equal("mine", File.ReadAllText(victim));
        Assert.Equal("new", File.ReadAllText(box.Data("v") + "/l"));
        Assert.Equal(Kind.Directory, Sys.Stat(box.Data("v") + "/d").Kind);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../store.json")]
    [InlineData("nowhere")]
    [InlineData("d")]
    [InlineData("h")]
    [InlineData("")]
    [InlineData("l/passwd")]
    public void A_hard_link_to_anything_but_a_file_of_the_archive_is_refused(string target)
    {
        using var box = new Box();
        var result = Import(box, new TarBytes().Add("d/", '5').Add("l", '2', link: "/etc").Add("h", '1', link: target).Add("good").End(), 1,
            "v");
        Assert.Contains("h: ", result.GetProperty("not_taken")[0].GetString());
        Assert.False(Sys.Exists(box.Data("v") + "/h"));
    }

    [Fact]
    public void A_hard_link_to_a_link_is_the_link()
    {
        using var box = new Box();
        Import(box, new TarBytes().Add("l", '2', link: "/etc/passwd").Add("h", '1', link: "l").End(), 0, "v");
        Assert.Equal((Kind.Symlink, 2u), (Sys.Stat(box.Data("v") + "/h").Kind, Sys.Stat(box.Data("v") + "/h").Links));
    }

    [Fact]
    public void The_last_of_several_members_of_one_name_counts()
    {
        using var box = new Box();
        var result = Import(
            box, new TarBytes().Add("f", content: "1").Add("h", '1', link: "f").Add("f", content: "2").Add("d/", '5', mode: 0b111_000_000)
                .Add("d/x").Add("d/", '5', mode: 0b111_101_101).Add("d", content: "no").End(), 1, "v");
        Assert.Equal(("2", "1"), (File.ReadAllText(box.Data("v") + "/f"), File.ReadAllText(box.Data("v") + "/h")));
        Assert.Equal(0b111_101_101, Sys.Stat(box.Data("v") + "/d").Mode);
        Assert.Equal("d: a directory of this name already exists",
            Assert.Single(result.GetProperty("not_taken").EnumerateArray()).GetString());
    }

    [Fact]
    public void A_length_that_is_claimed_but_not_there_leaves_nothing()
    {
        using var box = new Box();
        box.Run("init").Ok();
        foreach (var size in (string[])["01440000000000"[..12], "77777777777", "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "not octal"])
        {
            File.WriteAllBytes(box.Top + "/x.tar", new TarBytes().Add("f", size: size).End());
            box.Run("import", "v", "x.tar").Refused(65, "x.tar");
            Assert.Empty(Sys.List(box.Store + "/volumes"));
        }
    }

    [Fact]
    public void A_huge_file_of_holes_takes_no_space()
    {
        using var box = new Box();
        var map = "1\n107374182400\n0\n".PadRight(512, '\0');
        Import(box, new TarBytes().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=big",
            "GNU.sparse.realsize=107374182400").Add("x", content: map).End(), 0, "v");
        Assert.Equal(107374182400, Sys.Stat(box.Data("v") + "/big").Size);
        Assert.Equal("0", Tool.Run("stat", "-c", "%b", box.Data("v") + "/big").Trim());
    }

    [Theory]
    [InlineData("2\n100\n4\n50\n4\n", "200")]
    [InlineData("1\n0\n9\n", "200")]
    [InlineData("1\n9223372036854775807\n8\n", "200")]
    [InlineData("1\n0\n8\n", "4")]
    [InlineData("99999999999999999999\n", "200")]
    [InlineData("200000\n", "200")]
    [InlineData("-1\n", "200")]
    [InlineData("x", "200")]
    public void A_map_of_holes_that_cannot_be_is_refused_and_the_rest_is_taken(string map, string size)
    {
        using var box = new Box();
        var result = Import(
            box, new TarBytes().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s", "GNU.sparse.realsize=" + size)
                .Add("x", content: map.PadRight(512, '\0') + "databyte")
            .Add("good", content: "good").End(), 1, "v");
        Assert.StartsWith("s: ", Assert.Single(result.GetProperty("not_taken").EnumerateArray()).GetString());
        Assert.Equal(["good"], Sys.List(box.Data("v")));
    }

    [Theory]
    [InlineData("GNU.sparse.map=100,4,50,4", "GNU.sparse.size=200")]
    [InlineData("GNU.sparse.map=x", "GNU.sparse.size=200")]
    [InlineData("GNU.sparse.offset=100", "GNU.sparse.numbytes=4", "GNU.sparse.offset=5", "GNU.sparse.numbytes=4", "GNU.sparse.size=200")]
    public void The_older_maps_are_looked_at_as_well(params string[] records)
    {
        using var box = new Box();
        Import(box, new TarBytes().Pax(records).Add("s", content: "databyte").Add("good").End(), 1, "v");
        Assert.Equal(["good"], Sys.List(box.Data("v")));
    }

    [Fact]
    public void Owners_and_kinds_that_cannot_be_are_refused()
    {
        using var box = new Box();
        var result = Import(
            box, new TarBytes().Pax("uid=4294967295").Add("minus-one").Pax("uid=99999999999").Add("large")
                .Add("strange", 'Q', content: "data").Add("multi", 'M').Add("nothing", '2')
            .Add(new string('n', 100) + "", content: "x").Pax("path=" + new string('n', 300)).Add("x").Add("good").End(), 1, "v");
        Assert.Equal(6, result.GetProperty("not_taken").GetArrayLength());
        Assert.Equal(["good", new string('n', 100)], Sys.List(box.Data("v")));
    }

    [Theory]
    [InlineData("12 mtime=1\n")]
    [InlineData("999999999 a=b\n")]
    [InlineData("-5 a=b\n")]
    [InlineData("a=b\n")]
    [InlineData("0 a=b\n")]
    [InlineData("11 mtime=x\n")]
    [InlineData("10 size=-\n")]
    [InlineData("12 path=a\0b\n")]
    public void An_extended_header_that_makes_no_sense_leaves_nothing(string header)
    {
        using var box = new Box();
        box.Run("init").Ok();
        File.WriteAllBytes(box.Top + "/x.tar", new TarBytes().Add("good").Add("x", 'x', header).Add("f").End());
        box.Run("import", "v", "x.tar").Refused(65, "x.tar");
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void A_header_that_wants_gigabytes_is_refused_before_they_come()
    {
        using var box = new Box();
        foreach (var type in "xgLK")
        {
            File.WriteAllBytes(box.Top + "/x.tar", new TarBytes().Add("x", type, size: "40000000000").End());
            box.Run("import", "v", "x.tar").Refused(65, "; the limit is ");
        }
    }

    [Theory]
    [InlineData("cat 1.tar 2.tar")]
    [InlineData("head -c 1024 1.tar; head -c 512 /dev/zero; cat 2.tar")]
    [InlineData("cat 1.tar; head -c 3000000 /dev/zero; echo garbage")]
    public void What_follows_the_end_of_an_archive_is_told(string archive)
    {
        using var box = new Box();
        box.Shell("echo 1 >one; echo 2 >two; tar -cf 1.tar one; tar -cf 2.tar two; { " + archive + "; } >both.tar").Ok();
        foreach (var command in new[] { "$KVOL import a both.tar", "cat both.tar | $KVOL import b" })
        {
            var result = box.Shell(command);
            Assert.Equal(1, result.Exit);
            Assert.Contains("not taken: after the end of the archive: there is more", result.Err, StringComparison.Ordinal);
        }

        Assert.Equal(["one"], Sys.List(box.Data("a")));
        box.Shell("{ cat 1.tar; head -c 3000000 /dev/zero; } | $KVOL import c").Ok();
    }

    [Fact]
    public void Cut_or_spoilt_anywhere_it_leaves_nothing()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Seeding.Everything.Build(box.Data("v"));
        box.Run("export", "v", "-o", "v.tar").Ok();
        var whole = File.ReadAllBytes(box.Top + "/v.tar");
        var end = Array.FindLastIndex(whole, b => b != 0) / 512 * 512 + 512;
        var random = new Random(7);
        foreach (var at in Enumerable.Range(0, 20).Select(_ => random.Next(end)).Append(0).Append(511).Append(512).Append(end))
        {
            File.WriteAllBytes(box.Top + "/cut.tar", whole[..at]);
            box.Run("import", "w", "cut.tar").Refused(65, "cut.tar");
            Assert.Equal(["v"], Sys.List(box.Store + "/volumes"));
        }

        box.Run("create", "empty").Ok();
        File.WriteAllBytes(box.Top + "/cut.tar", whole[..(end / 2)]);
        box.Run("import", "--into", "empty", "cut.tar").Refused(65, "cut.tar");
        Assert.Empty(Sys.List(box.Data("empty")));
        Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/empty"));
    }

    private static JsonElement Import(Box box, byte[] archive, int status, string volume)
    {
        File.WriteAllBytes(box.Top + "/x.tar", archive);
        var result = box.Run("import", "--json", volume, "x.tar");
        Assert.True(result.Exit == status, $"exit {result.Exit}: {result.Err}");
        File.Delete(box.Top + "/x.tar");
        var json = JsonDocument.Parse(result.Out).RootElement;
        Assert.Equal(status == 0 ? 0 : json.GetProperty("not_taken").GetArrayLength(),
            result.Err.Split('\n').Count(l => l.StartsWith($"kvol: {volume}: not taken: ")));
        return json;
    }

    private static string Outside(Box box) => string.Join('\n', Manifest.Of(box.Top).Lines.Where(l =>
        !l.StartsWith("store") && !l.StartsWith(". ") && !l.StartsWith("run"))) + string.Join(' ', Sys.List("/tmp").Where(n => n == "x"));
}
