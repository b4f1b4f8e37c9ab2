using System;
using System.IO;
using System.Linq;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A volume of a directory store that is mounted read-only is seeded where it is, and those who read it see the content appear.</summary>
public class SeedingUnderReaders
{
    private static readonly string[] Calls = ["renameat", "renameat2", "fsync", "syncfs", "unlinkat", "ioctl", "mkdirat", "fchmod", "utimensat", "linkat"];

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void Readers_that_came_first_see_the_content_appear(string type)
    {
        using var box = new Box(type);
        Source(type).Build(box.Root);
        var original = Manifest.Of(box.Root + "/srv/www");
        box.Run("attach", "backup", box.Root, "web:/srv/web:ro").Ok();
        box.Run("attach", "web", box.Root, "web:/srv/www").Ok();
        original.MustEqual(Manifest.Of(box.Root + "/srv/www"));
        original.MustEqual(Manifest.Of(box.Root + "/srv/web"));
        Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/web"));
        Assert.Contains("\"version\": 1,", File.ReadAllText(box.Metadata("web")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_comes_first_seeds_from_what_it_covers()
    {
        using var box = new Box();
        new Tree(new Dir("a"), new Text("a/x"), new Dir("b")).Build(box.Root);
        box.Mount("v:/a:ro").Ok();
        Assert.Equal(["x"], Sys.List(box.Root + "/a"));
    }

    [Theory]
    [InlineData("mount")]
    [InlineData("gc")]
    public void Killed_at_any_step_it_is_empty_or_complete_after_the_next(string verb)
    {
        foreach (var call in Calls)
        {
            for (var which = 1; ; which++)
            {
                using var box = Covered();
                var original = Manifest.Of(box.Root + "/data");
                if (!Killed.At(box, call, which, "mount", box.Root, "v:/data"))
                {
                    break;
                }

                if (verb == "gc")
                {
                    box.Run("gc").Ok();
                    Assert.NotEqual("seeding", box.Inspect("v").GetProperty("state").GetString());
                    Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/v"));
                    if (Sys.List(box.Data("v")).Count > 0)
                    {
                        original.MustEqual(Manifest.Of(box.Data("v")));
                    }
                }

                box.Mount("v:/data").Ok();
                original.MustEqual(Manifest.Of(box.Root + "/data"));
                original.MustEqual(Manifest.Of(box.Top + "/reader/data"));
                Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/v"));
            }
        }
    }

    [Fact]
    public void A_name_that_somebody_took_meanwhile_stays_on_both_sides_and_rm_ends_the_state()
    {
        using var box = Covered();
        Half(box);
        var taken = Sys.List(box.Store + "/volumes/v/.seeded/tree")[0];
        Sys.Write(box.Data("v") + "/" + taken, "other"u8.ToArray());
        box.Mount("v:/data").Refused(75, taken);
        Assert.Equal("other", File.ReadAllText(box.Data("v") + "/" + taken));
        Assert.True(Sys.Exists(box.Store + "/volumes/v/.seeded/tree/" + taken));
        box.Run("gc");
        Assert.Equal("seeding", box.Inspect("v").GetProperty("state").GetString());
        box.Run("umount", box.Top + "/reader").Ok();
        box.Run("rm", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Theory]
    [InlineData("mount")]
    [InlineData("gc")]
    [InlineData("clone")]
    [InlineData("export")]
    [InlineData("rename")]
    [InlineData("rm")]
    public void Every_verb_that_wants_the_content_completes_it_first(string verb)
    {
        using var box = Covered();
        var original = Manifest.Of(box.Root + "/data");
        Half(box);
        Assert.Equal("seeding", box.Inspect("v").GetProperty("state").GetString());
        Assert.Contains("seeding", box.Run("ls").Ok().Out, StringComparison.Ordinal);
        if (verb is "rename" or "rm")
        {
            box.Run("umount", box.Top + "/reader").Ok();
        }

        var name = verb is "clone" ? "copy" : verb is "rename" ? "other" : "v";
        _ = verb switch
        {
            "mount" => box.Mount("v:/data").Ok(),
            "gc" => box.Run("gc").Ok(),
            "clone" => box.Run("clone", "v", "copy").Ok(),
            "export" => box.Run("export", "v", "-o", box.Top + "/tar").Ok(),
            "rename" => box.Run("rename", "v", "other").Ok(),
            _ => box.Run("rm", "v").Ok(),
        };
        if (verb == "rm")
        {
            Assert.Empty(box.Volumes);
            return;
        }

        original.MustEqual(Manifest.Of(box.Data(name)));
        Assert.Equal("ready", box.Inspect(name).GetProperty("state").GetString());
    }

    /// <summary>Killed at the second move up; where rename(2) replaces what is there it is a link(2), the first of which the copy has made.</summary>
    private static void Half(Box box)
    {
        var (call, which) = Platform.IsFreeBSD ? ("linkat", 3) : ("renameat2", 2);
        Assert.True(Killed.At(box, call, which, "mount", box.Root, "v:/data"));
        Assert.Contains("\"version\": 2,", File.ReadAllText(box.Metadata("v")), StringComparison.Ordinal);
    }

    /// <summary>A volume with a reader, and a directory that is to be covered: entries of each kind, some immutable.</summary>
    private static Box Covered()
    {
        var box = new Box("ext4");
        new Tree(
            new Dir("data"), new Text("data/f", "1"), new Text("data/a", "2"), new Dir("data/d"), new Text("data/d/x"), new Owner("data", 3, 4),
            new Mode("data", Convert.ToInt32("1751", 8))).Build(box.Root);
        Tool.Run("ln", "-s", "nowhere", box.Root + "/data/l");
        Tool.Run("mkfifo", box.Root + "/data/p");
        Tool.Run("ln", box.Root + "/data/a", box.Root + "/data/d/b");
        Tool.Run("chattr", "+i", box.Root + "/data/f", box.Root + "/data/a", box.Root + "/data/d");
        Tool.Run("touch", "-d", "2001-02-03 04:05:06.789", box.Root + "/data");
        box.Run("mount", box.MakeDir("reader"), "v:/data:ro").Ok();
        return box;
    }

    private static Tree Source(string type) => new(
        [new Dir("srv"), new Dir("srv/www"), new Text("srv/www/index", type), new Dir("srv/www/d"), new Text("srv/www/d/f"), new HardLink("srv/www/again", "srv/www/index"), new Owner("srv/www", 5, 6)]);
}
