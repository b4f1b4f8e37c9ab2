using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Snapshots of several datasets: taken in one transaction group, restored in one, and never in part.</summary>
[Trait("Needs", "Machine")]
public class GroupsAtOneInstant(ITestOutputHelper output)
{
    [Fact]
    public void The_volumes_of_a_jail_have_one_createtxg_and_go_back_together()
    {
        using var box = new ZfsBox();
        Make(box);
        box.Kvol("attach", "www", box.Top + "/root", "web:/web", "db:/db", "log:/log:ro").Ok();
        var taken = box.Kvol("snapshot", "--jail", "www", "--name", "before").Ok();
        Assert.Equal(["db@before", "log@before", "web@before"], taken.Lines);
        Assert.Equal("", taken.Err); // one instant, although two are mounted writable
        Assert.Single(box.Shell("zfs get -H -p -o value createtxg $V/web@before $V/db@before $V/log@before").Ok().Lines.Distinct());
        var id = Assert.Single(box.Shell("zfs get -H -o value kvol:group $V/web@before $V/db@before $V/log@before").Ok().Lines.Distinct());
        Assert.Matches($@"NAME +CREATED +GROUP\ndb@before .*{id}\n", box.Kvol("ls", "-t", "snapshot").Ok().Out);
        var one = JsonDocument.Parse(box.Kvol("inspect", "log@before").Ok().Out).RootElement[0];
        Assert.Equal("www", one.GetProperty("jail").GetString());
        Assert.Equal(["db@before", "log@before", "web@before"], one.GetProperty("members").EnumerateArray().Select(m => m.GetString()));

        box.Shell(Write("new")).Ok();
        box.Kvol("rollback", "--jail", "www", "--to", "before").Refused(75, "is mounted on", "/root/db");
        box.Kvol("detach", "www").Ok();
        box.Kvol("rollback", "--jail", "www", "--to", "before").Ok();
        Assert.Equal("old\nold\nold\n", box.Shell("cat /$V/web/f /$V/db/f /$V/log/f").Ok().Out);
        box.Kvol("rename", "log", "journal").Ok();
        box.Kvol("rollback", "--group", id).Ok();
    }

    [Fact]
    public void What_is_in_the_way_of_one_is_in_the_way_of_all()
    {
        using var box = new ZfsBox();
        Make(box);
        var id = Take(box);
        box.Shell(Write("new") + " && $KVOL snapshot web@newer && $KVOL snapshot web@newest").Ok();
        box.Kvol("rollback", "--group", id).Refused(75, "web@a", "newer, newest", "-r");
        box.Shell("zfs hold keep $V/web@newest").Ok();
        box.Kvol("rollback", "-r", "--group", id).Refused(75, "held by keep");
        box.Shell("zfs release keep $V/web@newest && zfs clone $V/web@newest $P/other").Ok();
        box.Kvol("rollback", "-r", "--group", id).Refused(75, box.Pool + "/other");
        box.Shell("zfs destroy $P/other && zfs bookmark $V/web@newer $V/web#mark").Ok();
        box.Kvol("rollback", "-r", "--group", id).Refused(75, "web#mark", "zfs destroy");
        box.Shell("zfs destroy $V/web#mark && cd /$V/log && { sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >$T/busy; }").Ok();
        box.Kvol("rollback", "-r", "--group", id).Refused(75, "log");
        Assert.Equal("new\nnew\nnew\n", box.Shell("cat /$V/web/f /$V/db/f /$V/log/f").Ok().Out);
        Assert.Equal(5, box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
        box.Shell("kill $(cat $T/busy); while [ -d /proc/$(cat $T/busy)/cwd/. ]; do sleep 0.1; done").Ok();
        Assert.Equal(["web@newest", "web@newer"], box.Kvol("rollback", "-r", "--group", id).Ok().Lines);
        Assert.Equal("old\nold\nold\n", box.Shell("cat /$V/web/f /$V/db/f /$V/log/f").Ok().Out);
        Assert.Equal(["db@a", "log@a", "web@a"], box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_member_that_cannot_be_taken_is_named_and_none_is()
    {
        using var box = new ZfsBox();
        Make(box);
        box.Shell("$KVOL snapshot web@a && zfs create -V 8M $V/disk").Ok();
        box.Kvol("snapshot", "db@a", "web@a", "log@a").Refused(73, "web@a", "already exists");
        box.Kvol("snapshot", "db@a", "none@a").Refused(66, "none");
        box.Kvol("snapshot", "db@a", "disk@a").Refused(65, "disk", "zvol");
        box.Kvol("snapshot", "db@a", "log@kvol-clone-1").Refused(64, "log@kvol-clone-1");
        Assert.Equal(["web@a"], box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void A_group_is_cloned_exported_and_removed_as_one()
    {
        using var box = new ZfsBox();
        Make(box);
        var id = Take(box);
        box.Shell(Write("new")).Ok();
        box.Kvol("clone", "--group", id, "x-").Ok();
        Assert.Equal("old\nold\nold\n", box.Shell("cat /$V/x-web/f /$V/x-db/f /$V/x-log/f").Ok().Out);
        box.Kvol("rm", "--group", id).Refused(75, "x-", "origin");
        Assert.Equal(3, box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
        box.Kvol("export", "--group", id, "--format", "zfs", "-o", box.Top + "/out").Ok();
        Assert.Equal(["db.zfs", "log.zfs", "manifest.json", "web.zfs"], box.Shell("ls $T/out").Ok().Lines);
        box.Shell("$KVOL import y-web $T/out/web.zfs && test $(cat /$V/y-web/f) = old").Ok();
        box.Shell("$KVOL rm x-web x-db x-log && $KVOL rm log@a").Ok();
        box.Kvol("rollback", "--group", id).Refused(75, "log@a", "kvol rollback db@a");
        Assert.Equal(["db@a", "web@a"], box.Kvol("rm", "--group", id).Ok().Lines);
    }

    [Fact]
    public void Killed_at_any_instant_all_volumes_are_as_before_or_as_then()
    {
        using var box = new ZfsBox();
        Make(box);
        // strace kills kvol in place of one of its last calls of ioctl(2): the checks, the program, and what comes after it.
        const string Trace = "strace -f -qq -e trace=ioctl -o $T/log";
        string[] seen = [];
        for (var fromEnd = -1; fromEnd < 8; fromEnd++) // -1: not killed
        {
            var id = Prepare();
            if (fromEnd < 0)
            {
                box.Shell($"{Trace} $KVOL rollback -r --group {id} && grep -c ioctl $T/log >$T/calls && $KVOL rm --group {id}").Ok();
                id = Prepare();
            }

            _ = box.Shell($"n=$(($(cat $T/calls) - {fromEnd})); {Trace} -e inject=ioctl:signal=SIGKILL:when=$n $KVOL rollback -r --group "
                + id);
            box.Shell("$KVOL gc; zfs mount -a").Ok();
            var now = box.Shell("cat /$V/web/f /$V/db/f /$V/log/f").Ok().Lines.Distinct().ToArray();
            seen = [.. seen, Assert.Single(now)];
            Assert.Equal(now[0] == "new", box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Contains("web@newer"));
            _ = box.Kvol("rm", "web@newer");
            box.Kvol("rm", "--group", id).Ok();
        }

        Assert.Equal(["new", "old"], seen.Distinct().Order());

        string Prepare()
        {
            box.Shell(Write("old")).Ok();
            var group = Take(box);
            box.Shell(Write("new") + " && $KVOL snapshot web@newer").Ok();
            return group;
        }
    }

    [Fact]
    public void Killed_at_random_calls_no_group_is_there_in_part()
    {
        var campaign = new Campaign(output, "groups on ZFS");
        using var box = new ZfsBox();
        Guest.Current.Put(Campaign.BuildLibrary("faults"), box.Top + "/faults.so");
        Guest.Current.Put(Script(), box.Top + "/groups.sh");
        foreach (var kills in Enumerable.Repeat(10, (int)Campaign.Size("ZFS_GROUP_KILLS", 10) / 10).Index())
        {
            var lines = box.Shell("for v in db log web; do $KVOL rm -f $v >/dev/null 2>&1; done; "
                + $"bash $T/groups.sh {kills.Item} {Campaign.Seed + kills.Index}", seconds: 1200).Ok().Lines;
            Assert.Equal(kills.Item, lines.Length);
            foreach (var line in lines)
            {
                campaign.Count("kills");
                campaign.Count(line.Split(':')[0]);
                if (line.StartsWith("part", StringComparison.Ordinal))
                {
                    campaign.Wrong("a group in part", line);
                }
            }
        }

        campaign.End();
    }

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "groups.sh");

    private static string Write(string text) => $"for v in web db log; do echo {text} >/$V/$v/f; done";

    private static void Make(ZfsBox box) => box.Shell("mkdir -p $R/web $R/db $R/log; for v in web db log; do $KVOL create $v; done; "
        + Write("old")).Ok();

    private static string Take(ZfsBox box) => JsonDocument.Parse(box.Kvol("snapshot", "--json", "--name", "a", "web", "db", "log").Ok().Out)
        .RootElement[0].GetProperty("group").GetString()!;
}
