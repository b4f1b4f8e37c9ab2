using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What a jail is given is mounted all or nothing, remembered under its name, and safe to ask for again.</summary>
public class Attach
{
    [Fact]
    public void What_attach_mounts_is_shown_under_the_jails_name()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        var json = JsonDocument.Parse(box.Run("attach", "--json", "www", box.Root, "v:/data", src + ":/etc/conf:ro").Ok().Out).RootElement;
        Assert.Equal(["/data", "/etc/conf"], json.EnumerateArray().Select(m => m.GetProperty("destination").GetString()));
        var mounts = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement;
        Assert.Equal(["www", "www"], mounts.EnumerateArray().Select(m => m.GetProperty("jail").GetString()));
        Assert.Equal("www", box.Inspect("v").GetProperty("mountpoints")[0].GetProperty("jail").GetString());
        Assert.All(box.Run("mounts", "-H").Ok().Lines, l => Assert.Contains("\twww\t", l, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_again_is_success_and_nothing_done()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        string[] attach = ["attach", "www", box.Root, "v:/data", src + ":/conf:ro"];
        box.Run(attach).Ok();
        var before = box.Mounts.Select(m => m.Id).ToArray();
        box.Run(attach).Ok();
        Assert.Equal(before, box.Mounts.Select(m => m.Id));
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Theory]
    [InlineData("w:/data")]
    [InlineData("v:/data:ro")]
    public void Another_source_or_other_options_are_75_naming_both_and_change_nothing(string spec)
    {
        using var box = new Box();
        box.Run("create", "w").Ok();
        box.Run("attach", "www", box.Root, "v:/data", "x:/x").Ok();
        var state = box.State() + Records(box);
        var result = box.Run("attach", "www", box.Root, "y:/y", spec).Refused(75, "/data", "www");
        Assert.Contains(spec[..1], result.Err, StringComparison.Ordinal);
        Assert.Equal(state, box.State() + Records(box));
    }

    [Fact]
    public void More_for_the_same_jail_is_added_and_goes_with_the_rest()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/data").Ok();
        var more = box.Run("attach", "www", box.Root, "w:/more").Ok();
        Assert.Contains("/data", more.Err, StringComparison.Ordinal);
        Assert.Equal(2, box.Mounts.Count);
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_failed_attach_leaves_nothing_behind()
    {
        using var box = new Box();
        new Tree(new Dir("d"), new Text("d/x")).Build(box.Root);
        box.Run("create", "old").Ok();
        var before = box.State();
        box.Run("attach", "www", box.Root, "old:/a/b", "new:/d", box.Top + "/absent:/m").Refused(66, "absent");
        Assert.Equal(before, box.State());
        Assert.Equal("", Records(box));
    }

    [Fact]
    public void A_failed_attach_leaves_what_was_attached_before()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/data").Ok();
        box.Run("attach", "www", box.Root, "w:/w", box.Top + "/absent:/m").Refused(66, "absent");
        Assert.Equal([box.Root + "/data"], box.Mounts.Select(m => m.Target));
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("move_mount")]
    [InlineData("renameat")]
    [InlineData("open_tree")]
    [InlineData("statx")]
    [InlineData("openat2")]
    [InlineData("flock")]
    public void Killed_at_any_call_the_next_attach_heals_and_detach_leaves_nothing(string call)
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.MakeFile("file");
        new Tree(new Dir("there"), new Dir("h"), new Text("f", "")).Build(box.Root);
        string[] specs = ["v:/there", "w:/there/deep/er", src + ":/h", box.Top + "/file:/f"];
        box.Mount(specs).Ok(); // the volumes exist, and what is inside them is settled
        box.Umount().Ok();
        var before = box.State();
        var killed = 0;
        if (Platform.IsFreeBSD && call == "openat2")
        {
            call = "openat"; // paths are walked part by part there, and more is opened
        }

        for (var which = 1; ; which += call is "openat" ? 25 : call is "statx" or "openat2" ? 5 : 1)
        {
            if (!Killed.At(box, call, which, ["attach", "www", box.Root, .. specs]))
            {
                break;
            }

            killed++;
            if (which % 2 == 0)
            {
                box.Run(["attach", "www", box.Root, .. specs]).Ok();
                Assert.Equal(4, box.Mounts.Count);
            }

            box.Run("detach", "www", box.Root).Ok();
            Assert.Empty(box.Mounts);
            if (call is "move_mount" or "renameat")
            {
                Assert.Equal(before, box.State());
            }
        }

        Assert.True(killed >= 3, $"killed {killed} times");
        box.Run("detach", "www", box.Root).Ok();
        Assert.Equal(before, box.State());
        Assert.Equal("", Records(box));
    }

    [Fact]
    public void Two_attaches_of_one_jail_at_once_stack_nothing()
    {
        using var box = new Box();
        new Tree(new Dir("data"), new Text("data/f")).Build(box.Root);
        var src = box.MakeDir("src");
        var children = Enumerable.Range(0, 10).Select(_ => box.Start("attach", "www", box.Root, "v:/data", "w:/made/here", src + ":/host"))
            .ToArray();
        Assert.All(children, c => c.Wait().Ok());
        Assert.Equal(3, box.Mounts.Count);
        box.Run("detach", "www").Ok();
        Assert.Equal(["data"], Sys.List(box.Root));
    }

    [Fact]
    public void Attach_and_detach_at_once_end_in_all_or_nothing()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        for (var round = 0; round < 5; round++)
        {
            var children = Enumerable.Range(0, 8).Select(i =>
                box.Start(i % 2 == 0 ? ["attach", "www", box.Root, "v:/a", src + ":/b/c"] : ["detach", "www", box.Root])).ToArray();
            Assert.All(children, c => c.Wait().Ok());
            Assert.Contains(box.Mounts.Count, new[] { 0, 2 });
        }

        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void It_works_with_the_bare_environment_of_rc()
    {
        using var box = new Box();
        var settings = box.Environment.Where(e => e.Key.StartsWith("KVOL_", StringComparison.Ordinal)).Select(e => $"{e.Key}={e.Value}")
            .Concat(Platform.Needs).ToArray();
        Tool.Run("env", ["-i", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", .. settings, Box.Binary, "attach", "www", box.Root, "v:/data"]);
        Assert.Single(box.Mounts);
        Tool.Run("env", ["-i", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", .. settings, Box.Binary, "detach", "www", box.Root]);
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("new\nline")]
    public void A_name_that_no_jail_can_have_is_refused(string name)
    {
        using var box = new Box();
        var before = box.State();
        box.Run("attach", name, box.Root, "v:/data").Refused(64);
        box.Run("detach", name, box.Root).Refused(64);
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("outer.inner")]
    [InlineData("Web_1-a")]
    public void A_name_as_the_kernel_has_it_is_taken(string name)
    {
        using var box = new Box();
        box.Run("attach", name, box.Root, "v:/data").Ok();
        box.Run("detach", name).Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_process_that_does_not_exist_cannot_be_a_jails_life()
    {
        using var box = new Box();
        var before = box.State();
        box.Run("attach", "--pid", "999999999", "www", box.Root, "v:/data").Refused(66, "999999999");
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_writable_volume_shared_by_two_jails_is_allowed_and_pointed_out()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "v:/data").Ok();
        Assert.Empty(box.Inspect("v").GetProperty("warnings").EnumerateArray());
        Assert.DoesNotContain("CVE-2025-15576", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("attach", "db", other, "v:/data").Ok();
        var warning = box.Inspect("v").GetProperty("warnings")[0].GetString()!;
        Assert.Contains("CVE-2025-15576", warning, StringComparison.Ordinal);
        Assert.Contains(other, warning, StringComparison.Ordinal);
        Assert.Contains("CVE-2025-15576", box.Run("doctor").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_is_read_only_everywhere_is_not_pointed_out()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "v:/data:ro").Ok();
        box.Run("attach", "db", other, "v:/data:ro").Ok();
        Assert.Empty(box.Inspect("v").GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public void What_was_left_of_a_jail_that_is_over_is_not_in_the_way_of_the_next()
    {
        using var box = new Box();
        using (var life = new Running("sleep", ["1000"]))
        {
            box.Run("attach", "--pid", life.Pid.ToString(), "www", box.Root, "v:/data", "w:/gone").Ok();
        }

        box.Run("attach", "www", box.Root, "x:/data:ro").Ok();
        Assert.Equal([box.Root + "/data"], box.Mounts.Select(m => m.Target));
        Assert.True(box.MountAt("/data").Has("ro"));
        Assert.Equal(["data"], Sys.List(box.Root));
    }

    /// <summary>The run records of root directories, as text without the moment they were written.</summary>
    private static string Records(Box box) =>
        !Directory.Exists(box.Top + "/run/roots") ? "" : string.Join('\n', Directory.GetFiles(box.Top + "/run/roots").Order()
        .SelectMany(File.ReadAllLines)
            .Where(l => !l.Contains("\"uptime\"", StringComparison.Ordinal) && !l.Contains("\"created\"", StringComparison.Ordinal)));
}
