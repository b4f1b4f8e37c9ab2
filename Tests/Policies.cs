using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Policies of snapshots in a directory store, and <c>snapshot --due</c>. The clock is the host's; older snapshots are made by
/// changing the names and records of new ones.</summary>
[Trait("System", "Linux")]
public class Policies
{
    /// <summary>A new hour makes more snapshots due, so no test begins when one is about to begin.</summary>
    public Policies()
    {
        while (DateTimeOffset.UtcNow.Minute >= 58)
        {
            Thread.Sleep(1000);
        }
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void What_is_due_is_taken_once_and_what_is_too_much_is_removed(string type)
    {
        using var box = new Box(type);
        box.Run("create", "web").Ok();
        box.Run("create", "other").Ok();
        Assert.Equal("kvol: web: snapshots set to hourly:2,weekly:1\n", box.Run("set", "web", "snapshots=weekly:1,hourly:2").Ok().Err);
        Assert.Equal("", box.Run("snapshot", "web@by-hand").Ok().Err);
        var taken = box.Run("snapshot", "--due").Ok();
        Assert.Equal("", taken.Err);
        Assert.Matches(@"^web@kvol-weekly-\d{4}-\d\d-\d\d-\d{4}Z: taken\nweb@kvol-hourly-\d{4}-\d\d-\d\d-\d{4}Z: taken\n$", taken.Out);
        Age(box, "web", "hourly", 3);
        Age(box, "web", "weekly", 1);
        box.Run("snapshot", "web@kvol-hourly-2001-01-01-0000Z").Ok(); // the name alone makes it no one's
        var plan = box.Run("snapshot", "--due", "-n").Ok();
        Assert.Equal(["web@kvol-hourly-2020-01-01-0000Z: would be removed", "web@kvol-hourly-2020-01-02-0000Z: would be removed",
            "web@kvol-weekly-2020-01-01-0000Z: would be removed"], plan.Lines.Order());
        Assert.Equal(plan.Out.Replace("would be ", "", StringComparison.Ordinal), box.Run("snapshot", "--due").Ok().Out);
        Assert.Equal(("", ""), (box.Run("snapshot", "--due").Ok().Out, box.Run("gc").Ok().Out));
        Assert.Equal(5, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
    }

    [Fact]
    public void The_command_that_takes_a_first_policy_back_leaves_the_volume_without_one()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        Assert.Contains("to take it back: kvol set web snapshots=\n", box.Run("set", "-v", "web", "snapshots=hourly:1").Ok().Err,
            StringComparison.Ordinal);
        box.Run("set", "-q", "web", "snapshots=").Ok();
        Assert.DoesNotContain("snapshots", box.Run("get", "-H", "web").Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_volumes_of_a_jail_are_one_group_and_JSON_says_what_was_done()
    {
        using var box = new Box("xfs");
        foreach (var name in new[] { "db", "web", "log", "alone" })
        {
            box.Run("create", name).Ok();
            box.Run("set", "-q", name, name == "log" ? "snapshots=daily:1" : "snapshots=hourly:1").Ok();
            box.MakeDir("root/" + name);
        }

        box.MakeDir("other");
        box.MakeDir("other/web");
        box.Run("attach", "www", box.Root, "db:/db", "web:/web").Ok();
        box.Run("attach", "beside", box.Top + "/other", "web:/web").Ok();
        var silent = box.Run("snapshot", "--due", "-q", "--root", box.Top + "/nowhere").Ok();
        Assert.Equal(("", ""), (silent.Out, silent.Err));
        var steps = JsonDocument.Parse(box.Run("snapshot", "--due", "--json").Ok().Out).RootElement.EnumerateArray()
            .Select(s => (Action: s.GetProperty("action").GetString(), Snapshot: s.GetProperty("snapshot"))).ToArray();
        Assert.All(steps, s => Assert.Equal("take", s.Action));
        Assert.Equal(["alone", "db", "log", "web"], steps.Select(s => s.Snapshot.GetProperty("volume").GetString()!).Order());
        Assert.Equal("daily", One("log").GetProperty("policy").GetString());
        var group = One("db").GetProperty("group").GetString();
        Assert.Matches("^[0-9a-f]{12}$", group);
        Assert.Equal(group, One("web").GetProperty("group").GetString());
        Assert.Equal(One("db").GetProperty("snapshot").GetString(), One("web").GetProperty("snapshot").GetString());
        Assert.Equal([JsonValueKind.Null, JsonValueKind.Null],
            new[] { "log", "alone" }.Select(v => One(v).GetProperty("group").ValueKind));
        Assert.Equal("[]\n", box.Run("snapshot", "--due", "--json").Ok().Out);
        Assert.Equal("hourly", JsonDocument.Parse(box.Run("inspect", One("db").GetProperty("name").GetString()!).Ok().Out).RootElement[0]
            .GetProperty("policy").GetString());

        JsonElement One(string volume) => steps.Single(s => s.Snapshot.GetProperty("volume").GetString() == volume).Snapshot;
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        box.Run("set", "web", "snapshots=daily:1").Ok();
        var before = Manifest.Of(box.Store).Lines;
        Assert.Matches("^web@kvol-daily-.*: would be taken\n$", box.Run("snapshot", "--due", "--dry-run").Ok().Out);
        Assert.Equal(before, Manifest.Of(box.Store).Lines);
    }

    [Fact]
    public void A_volume_that_fails_is_named_and_the_others_go_on()
    {
        using var box = new Box("xfs");
        foreach (var name in new[] { "bad", "busy", "torn", "web" })
        {
            box.Run("create", name).Ok();
            box.Run("set", "-q", name, "snapshots=hourly:1").Ok();
        }

        Edit(box.Metadata("bad"), json => json["snapshots"] = "hourly:many");
        Sys.Write(box.Metadata("torn"), "{"u8.ToArray());
        box.MakeDir("root/web");
        box.MakeDir("root/busy");
        box.Run("attach", "www", box.Root, "web:/web", "busy:/busy").Ok();
        using var holder = box.StartShell($"exec flock {box.Store}/locks/busy sh -c 'touch {box.Top}/held; exec sleep 1000'");
        box.Shell("until [ -e held ]; do sleep 0.01; done").Ok();
        var result = box.Run("snapshot", "--due", "--wait", "0");
        Assert.Equal(1, result.Exit);
        Assert.Matches("^web@kvol-hourly-[^\n]*: taken\n$", result.Out);
        var errors = result.Err.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(3, errors.Length);
        Assert.Contains("torn", errors[0], StringComparison.Ordinal);
        Assert.Matches("bad: its policy is wrong: .*hourly:many.* kvol set bad snapshots=", errors[1]);
        Assert.Contains("busy: locked by", errors[2], StringComparison.Ordinal);
        Assert.Matches("(?m)^BAD  volume bad: .*its policy is wrong", box.Run("doctor").Out);
    }

    [Fact]
    public void The_default_is_for_volumes_with_a_name_that_have_no_policy_of_their_own()
    {
        using var box = new Box("xfs");
        File.WriteAllText(box.Config, "snapshots = daily:3\n");
        var unnamed = box.Run("create").Ok().Out.Trim();
        foreach (var name in new[] { "own", "none", "web" })
        {
            box.Run("create", name).Ok();
        }

        box.Run("set", "own", "snapshots=yearly:1").Ok();
        box.Run("set", "none", "snapshots=none").Ok();
        Assert.Equal([$"{unnamed}\t-", "none\tnone", "own\tyearly:1", "web\tdaily:3"],
            box.Run("ls", "-H", "-o", "name,snapshots").Ok().Lines.OrderBy(l => l.StartsWith(unnamed, StringComparison.Ordinal) ? 0 : 1));
        Assert.Equal("daily:3", box.Inspect("web").GetProperty("snapshots").GetString());
        Assert.Equal(JsonValueKind.Null, box.Inspect(unnamed).GetProperty("snapshots").ValueKind);
        Assert.Matches("(?m)^Snapshots +daily:3$", box.Run("show", "web").Ok().Out);
        Assert.Equal("web\tsnapshots\tdaily:3\n", box.Run("get", "-H", "web").Ok().Out);
        Assert.Equal("own\tsnapshots\tyearly:1\n", box.Run("get", "-H", "own", "snapshots").Ok().Out);
        Assert.Equal(["own@kvol-yearly", "web@kvol-daily"],
            box.Run("snapshot", "--due").Ok().Lines.Select(l => Regex.Match(l, "^.*?@kvol-[a-z]+").Value).Order());
        box.Run("prune", "-y").Ok();
        Assert.Equal("kvol: own: snapshots removed\n", box.Run("set", "own", "snapshots=-").Ok().Err);
        Assert.Equal("own\tsnapshots\tdaily:3\n", box.Run("get", "-H", "own").Ok().Out);
        Assert.Contains("\"version\": 1,", File.ReadAllText(box.Metadata("own")), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_can_be_taken_a_policy_is_refused_and_the_default_is_one_line()
    {
        using var box = new Box("ext4");
        box.Run("create", "a").Ok();
        box.Run("create", "b").Ok();
        box.Run("set", "a", "snapshots=hourly:1").Refused(69, "snapshots", "cannot share blocks", "XFS");
        box.Run("set", "a", "snapshots=none", "label.x=1").Ok();
        box.Run("set", "a", "snapshots=").Ok();
        File.WriteAllText(box.Config, "snapshots = daily:3\n");
        box.Run("snapshot", "--due").Refused(1, "cannot share blocks", "kvol set VOL snapshots=none");
        Assert.Matches("(?m)^BAD  policies: .*cannot share blocks", box.Run("doctor").Out);
    }

    [Fact]
    public void The_doctor_says_which_policy_nothing_executes()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        box.Run("set", "web", "snapshots=hourly:1").Ok();
        Assert.Matches("(?m)^ok   policies: .*1 volume ", box.Run("doctor").Out);
        Edit(box.Metadata("web"), json => json["created"] = "2026-01-02T03:04:05Z");
        Assert.Matches(@"(?m)^BAD  policies: .*: web \(hourly\); .*kvol snapshot --due", box.Run("doctor").Out);
        box.Run("snapshot", "--due").Ok();
        Assert.Matches("(?m)^ok   policies: ", box.Run("doctor").Out);
        Age(box, "web", "hourly", 1);
        box.Run("rm", box.Run("ls", "-t", "snapshot", "-q").Ok().Lines[^1]).Ok();
        Assert.Matches("(?m)^BAD  policies: ", box.Run("doctor").Out);
    }

    [Fact]
    public void Wrong_ways_to_ask_are_64()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        box.Run("set", "web", "snapshots=hourly:0").Refused(64, "hourly", "1 to 9999");
        box.Run("set", "web", "snapshots=hourly:1", "snapshots=daily:1").Refused(64, "twice");
        box.Run("snapshot", "--due", "web").Refused(64, "--due");
        box.Run("snapshot", "--due", "--jail", "www").Refused(64, "--due");
        Assert.StartsWith("# copy ", box.Run("snapshot", "-n", "web").Ok().Out);
        box.Run("snapshot", "-q", "web").Refused(64, "-q", "--due");
        Assert.Equal("web\tsnapshots\t-\n", box.Run("get", "-H", "web", "snapshots").Ok().Out);
    }

    [Fact]
    public void A_copy_has_no_policy_and_a_renamed_or_undeleted_volume_keeps_its_own()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        box.Run("set", "web", "snapshots=hourly:1").Ok();
        box.Run("rename", "web", "www").Ok();
        box.Run("clone", "www", "copy").Ok();
        box.Run("rm", "--keep", "1d", "www").Ok();
        box.Run("undelete", "www").Ok();
        Assert.Equal(["copy\t-", "www\thourly:1"], box.Run("ls", "-H", "-o", "name,snapshots").Ok().Lines);
    }

    /// <summary>Waits where a minute ends soon, so that all commands of a test run in one hour.</summary>
    /// <summary>Copies the snapshots that a policy took, with names of long ago.</summary>
    private static void Age(Box box, string volume, string period, int count)
    {
        var snapshots = $"{box.Store}/volumes/{volume}/snapshots";
        var from = Sys.List(snapshots).First(s => s.StartsWith($"kvol-{period}-", StringComparison.Ordinal));
        for (var day = 1; day <= count; day++)
        {
            var to = $"{snapshots}/kvol-{period}-2020-01-0{day}-0000Z";
            Tool.Run("cp", "-a", $"{snapshots}/{from}", to);
            Edit(to + "/snapshot.json", json => json["created"] = $"2020-01-0{day}T00:00:00Z");
        }
    }

    private static void Edit(string file, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json);
        File.WriteAllText(file, json.ToJsonString());
    }
}
