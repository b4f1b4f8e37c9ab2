using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>Rollbacks, and snapshots from which a jail starts.</content>
[Trait("System", "Linux")]
public partial class WaysBack
{
    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void What_a_rollback_replaced_comes_back_and_so_does_what_it_restored(string type)
    {
        using var box = Trash(type);
        box.Run("create", "v", "-l", "a=b").Ok();
        Sys.Write(box.Data("v") + "/old", []);
        box.Shell("cd store/volumes/v/data; \"$KVOL\" snapshot v@1 && echo 2 >f && \"$KVOL\" snapshot v@2 && echo 3 >f").Ok();
        var (now, metadata) = (Manifest.Of(box.Data("v")), File.ReadAllText(box.Metadata("v")));
        var rolled = box.Run("rollback", "-v", "-r", "v@1").Ok();
        Assert.Equal("v@2\n", rolled.Out);
        Assert.Matches("^kvol: v@1: what was there before is kept until 20.*; to bring it back: kvol undelete [0-9a-f]{12}\n$", rolled.Err);
        Assert.Equal(["old"], Sys.List(box.Data("v")));
        Assert.Equal(["v@1"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        Assert.Equal("v@1", box.Run("ls", "--deleted", "-H").Ok().Out.TrimEnd('\n').Split('\t')[4]);
        box.Run("undelete", "v").Refused(64, "kvol undelete ");
        Sys.Write(box.Data("v") + "/since", []);
        var returned = Return(box, Verbose(rolled)).Ok();
        now.MustEqual(Manifest.Of(box.Data("v")));
        Assert.Equal(metadata, File.ReadAllText(box.Metadata("v")));
        Assert.Equal(["v@1", "v@2"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        Assert.Equal("3\n2\n", box.Shell("cat store/volumes/v/data/f; \"$KVOL\" rollback v@2 && cat store/volumes/v/data/f").Ok().Out);
        Return(box, returned).Ok();
        Assert.Equal(["old", "since"], Sys.List(box.Data("v")));
        Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(box.Store + "/volumes/v"));
        Assert.Empty(Sys.List(box.Store + "/groups"));
    }

    [Fact]
    public void What_was_overtaken_says_by_what()
    {
        using var box = Trash("xfs");
        box.MakeDir("root/a");
        box.Shell("\"$KVOL\" create v && \"$KVOL\" snapshot v@1 && \"$KVOL\" snapshot v@2 && echo x >store/volumes/v/data/x").Ok();
        var rolled = box.Run("rollback", "-v", "-r", "v@1").Ok();
        box.Mount("v:/a").Ok();
        Return(box, rolled).Refused(75, box.Root + "/a");
        box.Umount().Ok();
        box.Run("snapshot", "v@2").Ok();
        Return(box, rolled).Refused(73, "v@2", "after the rollback");
        box.Shell("\"$KVOL\" rename v w && \"$KVOL\" create v").Ok();
        Return(box, rolled).Refused(73, "v", "already exists, created");
        box.Run("rm", "--now", "v").Ok();
        Return(box, rolled).Refused(75, "v: the volume was renamed to w", "kvol rename w v");
        Assert.Equal(["w"], box.Volumes);
        box.Shell("\"$KVOL\" rename w v && \"$KVOL\" rm v@2").Ok();
        Return(box, rolled).Ok();
        Assert.Equal(["x"], Sys.List(box.Data("v")));
        box.Run("rm", "--now", "-f", "v").Ok();
        Return(box, rolled).Refused(66, "no deleted volume");
    }

    [Fact]
    public void Without_trash_a_rollback_says_what_is_lost_and_keeps_nothing()
    {
        using var box = new Box("xfs");
        box.Shell("\"$KVOL\" create v && \"$KVOL\" snapshot v@1 && \"$KVOL\" snapshot v@2").Ok();
        Assert.Equal("kvol: v@1: what was written since is lost, and so are the newer snapshots v@2\n",
            box.Run("rollback", "-rv", "v@1").Ok().Err);
        Assert.Equal("", box.Run("rollback", "v@1").Ok().Err);
        Assert.False(Sys.Exists(box.Store + "/deleted"));
    }

    [Theory]
    [InlineData("attach", "attach")]
    [InlineData("mount", "mount")]
    public void A_jail_starts_from_a_point_to_which_one_can_return(string verb, string name)
    {
        using var box = new Box("xfs");
        foreach (var directory in (string[])["a", "b", "c"])
        {
            box.MakeDir("root/" + directory);
        }

        string[] specs = [verb, .. verb == "attach" ? ["www"] : (string[])[], box.Root, "v:/a", "w:/b", "x:/c", "-v", "--snapshot"];
        box.Shell("for v in v w; do \"$KVOL\" create $v; echo 1 >store/volumes/$v/data/f; done").Ok();
        var attached = box.Run(specs).Ok();
        var snapshots = box.Run("ls", "-t", "snapshot", "-q").Ok().Lines;
        Assert.Equal(["v", "w"], snapshots.Select(s => s.Split('@')[0]));
        Assert.All(snapshots, s => Assert.Matches($@"@{name}-20\d\d-\d\d-\d\d-\d{{4}}Z$", s));
        box.Shell("for v in v w; do echo 2 >store/volumes/$v/data/f; done").Ok();
        Return(box, attached).Refused(75, box.Root);
        box.Umount().Ok();
        Return(box, attached).Ok();
        Assert.Equal("1\n1\n", box.Shell("cat store/volumes/[vw]/data/f").Ok().Out);

        // Names that are taken get a number; what fails leaves no snapshot.
        box.Run(specs).Ok();
        var again = box.Run("ls", "-t", "snapshot", "-q").Ok().Lines;
        Assert.Equal(5, again.Length);
        Assert.Equal(5, again.Distinct().Count());
        box.Umount().Ok();
        var before = box.State();
        box.Run([.. specs, box.Top + "/absent:/d"]).Refused(66, "absent");
        Assert.Equal(before, box.State());
        Assert.Equal(again, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void Without_snapshots_or_room_for_them_nothing_is_mounted()
    {
        using var box = new Box("ext4");
        box.MakeDir("root/a");
        box.Run("attach", "--snapshot", "www", box.Root, "v:/a").Ok(); // there is nothing to take one of
        box.Run("detach", "www").Ok();
        box.Run("attach", "--snapshot", "www", box.Root, "v:/a").Refused(69, "share blocks", "--snapshot");
        Assert.Empty(box.Mounts);
        using var full = new Box("xfs");
        full.MakeDir("root/a");
        Sys.Mkdir(full.Top + "/small");
        full.Shell("\"$KVOL\" create v && truncate -s 300M disk && mkfs.xfs -q disk").Ok();
        Tool.Run("mount", "-o", "loop", full.Top + "/disk", full.Top + "/small");
        full.Environment["KVOL_ROOT"] = full.Top + "/small/store";
        full.Run("create", "v").Ok();
        _ = full.Shell("cat /dev/zero >small/zero; cd small/store/volumes/v/data; i=0; while mkdir $i; do i=$((i + 1)); done 2>/dev/null");
        full.Run("attach", "--snapshot", "www", full.Root, "v:/a").Refused(75, "no room for the snapshots", "--snapshot");
        Assert.Empty(full.Mounts);
    }

    [Theory]
    [InlineData("renameat")]
    [InlineData("renameat2")]
    [InlineData("unlinkat")]
    [InlineData("fsync")]
    [InlineData("mkdirat")]
    public void Killed_at_any_step_nothing_is_lost(string call)
    {
        using var box = Trash("xfs");
        box.Shell("\"$KVOL\" create v && echo 1 >store/volumes/v/data/f && \"$KVOL\" snapshot v@1 && \"$KVOL\" snapshot v@2").Ok();
        foreach (var verb in (string[])["rollback", "return", "rm", "undelete"])
        {
            var killed = true;
            for (var which = 1; killed; which++)
            {
                box.Shell("echo 2 >store/volumes/v/data/f").Ok();
                var rolled = verb == "return" ? box.Run("rollback", "-rv", "v@1").Ok() : null;
                _ = verb == "undelete" ? box.Run("rm", "-f", "v").Ok() : null;
                string[] command = verb switch
                {
                    "rollback" => ["rollback", "-r", "v@1"],
                    "return" => ["undelete", Printed(rolled!).Split(' ')[2]],
                    "rm" => ["rm", "-f", "v"],
                    _ => ["undelete", "v"],
                };
                killed = Killed.At(box, call, which, command);
                box.Run("gc").Ok();
                if (box.Volumes.Length == 0)
                {
                    box.Run("undelete", "v").Ok();
                }

                // Both contents exist: one is in the volume, the other one in it or kept.
                var kept = box.Run("ls", "--deleted", "-H").Ok().Lines.Select(l => l.Split('\t')[1]).ToArray();
                var contents = kept.Select(k => $"{box.Store}/deleted/{k}/data/f").Append(box.Data("v") + "/f").Select(File.ReadAllText);
                Assert.True(contents.Contains("2\n"), $"{verb} {call} {which}");
                var snapshots = kept.Select(k => $"{box.Store}/deleted/{k}/snapshots").Append(box.Store + "/volumes/v/snapshots")
                    .SelectMany(s => Sys.Exists(s) ? Sys.List(s) : []).Order();
                Assert.Equal(["1", "2"], snapshots);
                Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(box.Store + "/volumes/v"));
                foreach (var id in kept.Where(k => Sys.List($"{box.Store}/deleted/{k}/snapshots").Count > 0))
                {
                    box.Run("undelete", id).Ok();
                }

                box.Run("prune", "--deleted", "-y").Ok();
                Assert.All(["deleted", "groups"], d => Assert.True(!Sys.Exists($"{box.Store}/{d}") || Sys.List(box.Store + "/" + d) is []));
            }
        }
    }

    // A way back that is taken says how to undo it, too.
    private static Result Verbose(Result result) => result with { Err = result.Err.Replace("kvol undelete ", "kvol undelete -v ") };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_return_that_was_cut_off_leaves_no_part_of_it_under_its_id(int which)
    {
        using var box = Trash("xfs");
        box.Shell("\"$KVOL\" create v && \"$KVOL\" snapshot v@1 && echo x >store/volumes/v/data/x && \"$KVOL\" rollback v@1").Ok();
        var id = Assert.Single(Sys.List(box.Store + "/deleted"));
        Assert.NotEqual(0, box.Shell($"strace -f -qq -o /dev/null -e trace=unlinkat -e inject=unlinkat:signal=KILL:when={which} "
            + $"\"$KVOL\" undelete {id}").Exit);
        Assert.NotEqual(65, box.Run("undelete", id).Exit);
        box.Run("exists", "v").Ok();
        box.Run("gc").Ok();
        Assert.Equal(["v"], box.Run("ls", "-q").Ok().Lines);
        Assert.Equal(["x"], Sys.List(box.Data("v")));
        Assert.Equal(["v"], Sys.List(box.Store + "/volumes"));
    }
}
