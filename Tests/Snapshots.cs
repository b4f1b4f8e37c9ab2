using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Snapshots, rollback and clones of a directory store: whole or not at all.</summary>
[Trait("System", "Linux")]
public class Snapshots
{
    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void Back_to_a_snapshot_it_is_what_it_was(string type)
    {
        using var box = new Box(type);
        box.Run("create", "v").Ok();
        Seeding.Everything.Build(box.Data("v"));
        Tool.Run("sync");
        var before = Manifest.Of(box.Data("v"), holes: false);
        Assert.Equal("v@one\n", box.Run("snapshot", "v@one").Ok().Out);
        Tool.Run("rm", "-rf", box.Data("v") + "/h1", box.Data("v") + "/large");
        new Tree(new Text("new")).Build(box.Data("v"));
        box.Run("rollback", "v@one").Ok();
        before.MustEqual(Manifest.Of(box.Data("v"), holes: false));
        Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(box.Store + "/volumes/v"));
        box.Run("rollback", "v@one").Ok();
        before.MustEqual(Manifest.Of(box.Data("v"), holes: false));
    }

    [Fact]
    public void Blocks_are_shared()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        new Tree(new Noise("large", 64 << 20)).Build(box.Data("v"));
        Tool.Run("sync");
        var free = Free(box);
        box.Run("snapshot", "v@one").Ok();
        box.Run("clone", "v@one", "w").Ok();
        Tool.Run("sync");
        Assert.True(free - Free(box) < 16 << 20, "the blocks were copied");
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Where_blocks_cannot_be_shared_it_is_69_and_a_clone_is_a_copy(string type)
    {
        using var box = new Box(type);
        box.Run("create", "v").Ok();
        new Tree(new Text("f")).Build(box.Data("v"));
        box.Run("snapshot", "v").Refused(69, "kvol clone");
        Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/v"));
        box.Run("clone", "v", "w").Ok();
        Manifest.Of(box.Data("v")).MustEqual(Manifest.Of(box.Data("w")));
    }

    [Fact]
    public void They_are_listed_oldest_first_and_removed()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        var unnamed = box.Run("snapshot", "v").Ok().Out.Trim();
        Assert.Matches(@"^v@20\d\d-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d\d\dZ$", unnamed);
        box.Run("snapshot", "v@b").Ok();
        box.Run("snapshot", "v@a", "w@x").Ok();
        Assert.Equal([unnamed, "v@b", "v@a"], box.Run("ls", "-t", "snapshot", "-q", "v").Ok().Lines);
        Assert.Equal(4, JsonDocument.Parse(box.Run("ls", "-t", "snapshot", "--json").Ok().Out).RootElement.GetArrayLength());
        box.Run("snapshot", "v@a").Refused(73, "v@a");
        Assert.Equal("v@b\n", box.Run("rm", "v@b").Ok().Out);
        Assert.Equal([unnamed, "v@a"], box.Run("ls", "-t", "snapshot", "-q", "v").Ok().Lines);
        box.Run("rm", "v@b").Refused(66, "v@b");
        box.Run("rm", "none@b").Refused(66, "none");
        box.Run("rollback", "v@b").Refused(66, "v@b");
        box.Run("snapshot", "v@../x").Refused(64);
        box.Run("snapshot", "v@").Refused(64);
        Assert.Equal(["v", "w"], box.Volumes);
    }

    [Fact]
    public void A_volume_with_snapshots_goes_with_them_only_when_forced_and_takes_them_along_when_kept()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Run("snapshot", "v@1").Ok();
        box.Run("rm", "v").Refused(75, "v@1", "rm -f");
        box.Run("rm", "--keep", "60", "v").Ok();
        box.Run("undelete", "v").Ok();
        box.Run("rename", "v", "w").Ok();
        Assert.Equal(["w@1"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        box.Run("rm", "-f", "w").Ok();
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void Newer_snapshots_are_in_the_way_of_a_rollback_until_r_is_given()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Shell("for i in 1 2 3; do \"$KVOL\" snapshot v@$i || exit; done").Ok();
        new Tree(new Text("f")).Build(box.Data("v"));
        box.Run("rollback", "v@1").Refused(75, "2, 3", "-r");
        Assert.Equal(["f"], Sys.List(box.Data("v")));
        Assert.Equal("v@3\nv@2\n", box.Run("rollback", "-r", "v@1").Ok().Out);
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Equal(["v@1"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void A_mounted_volume_is_not_rolled_back_and_a_snapshot_of_it_comes_with_a_warning()
    {
        using var box = new Box("xfs");
        box.MakeDir("root/a");
        box.Mount("v:/a").Ok();
        Assert.Contains("mounted writable", box.Run("snapshot", "v@1").Ok().Err);
        box.Run("rollback", "v@1").Refused(75, box.Root + "/a");
        Assert.Contains("mounted writable", box.Run("clone", "v", "w").Ok().Err);
        Assert.Equal("kvol: x: created from v@1\n", box.Run("clone", "v@1", "x").Ok().Err);
    }

    [Fact]
    public void A_snapshot_is_exported_and_cloned_as_it_was()
    {
        using var box = new Box("xfs");
        box.Run("create", "v", "-l", "a=b").Ok();
        new Tree(new Text("f", "old"), new Times("f", 7, 7)).Build(box.Data("v"));
        var before = Manifest.Of(box.Data("v"));
        box.Run("snapshot", "v@1").Ok();
        new Tree(new Text("f", "new")).Build(box.Data("v"));
        box.Shell("\"$KVOL\" export v@1 | \"$KVOL\" import w").Ok();
        box.Run("clone", "v@1", "x", "-l", "c=d").Ok();
        before.MustEqual(Manifest.Of(box.Data("w")));
        before.MustEqual(Manifest.Of(box.Data("x")));
        Assert.Equal("v@1", box.Inspect("x").GetProperty("seed").GetProperty("source").GetString());
        Assert.Equal("{\"c\":\"d\"}", box.Inspect("x").GetProperty("labels").ToString().Replace(" ", "").Replace("\n", ""));
    }

    [Fact]
    public void A_clone_refuses_a_taken_name_and_a_missing_source()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        box.Run("clone", "v", "w").Refused(73, "w");
        box.Run("clone", "none", "x").Refused(66, "none");
        box.Run("clone", "v@none", "x").Refused(66, "v@none");
        Assert.Equal(["v", "w"], box.Volumes);
    }

    [Fact]
    public void Killed_at_any_instant_there_is_the_old_content_or_the_new_and_nothing_is_left_over()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        var tree = new Tree([.. Enumerable.Range(0, 300).Select(i => (Step)new Text("f" + i))]);
        tree.Build(box.Data("v"));
        box.Run("snapshot", "v@1").Ok();
        var snapshot = Manifest.Of(box.Data("v"));
        var random = new Random(3);
        foreach (var round in Enumerable.Range(0, 12))
        {
            Sys.Write(box.Data("v") + "/changed", []);
            var changed = Manifest.Of(box.Data("v"));
            string[] arguments = (round % 3) switch { 0 => ["rollback", "v@1"], 1 => ["clone", "v", "w"], _ => ["snapshot", "v@2"] };
            using (var child = box.Start(arguments))
            {
                Thread.Sleep(random.Next(400));
                child.Signal(9);
                _ = child.Wait();
            }

            var now = Manifest.Of(box.Data("v"));
            (now.Lines.Count == snapshot.Lines.Count ? snapshot : changed).MustEqual(now);
            _ = box.Run("rm", "w");
            _ = box.Run("rm", "v@2");
            Assert.Equal(["v"], Sys.List(box.Store + "/volumes"));
            Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(box.Store + "/volumes/v"));
            Assert.Equal(["1"], Sys.List(box.Store + "/volumes/v/snapshots"));
        }
    }

    private static long Free(Box box) =>
        long.Parse(Tool.Run("stat", "-f", "-c", "%a", box.Top)) * long.Parse(Tool.Run("stat", "-f", "-c", "%S", box.Top));
}
