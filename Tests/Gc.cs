using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>gc undoes what jails that are over and crashes left, and nothing that lives.</summary>
public class Gc
{
    [Fact]
    public void When_the_process_of_an_attachment_has_ended_its_mounts_are_undone()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        using var life = new Running("sleep", ["1000"]);
        box.Run("attach", "--pid", life.Pid.ToString(), "www", box.Root, "v:/made/a", "w:/made/a/b", src + ":/h").Ok();
        Assert.Empty(box.Run("gc").Ok().Lines);
        Assert.Equal(3, box.Mounts.Count);
        life.Signal(9);
        life.Wait();
        var dry = JsonDocument.Parse(box.Run("gc", "-n", "--json").Ok().Out).RootElement;
        Assert.Equal("www", dry.EnumerateArray().Single(i => i.GetProperty("kind").GetString() == "attachment").GetProperty("jail")
            .GetString());
        Assert.Equal(3, box.Mounts.Count);
        Assert.Contains("www", box.Run("gc").Ok().Out, StringComparison.Ordinal);
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
        Assert.Empty(box.Run("gc").Ok().Lines);
    }

    [Fact]
    public void What_an_attach_left_that_was_killed_goes_with_its_jail_and_nothing_else()
    {
        using var box = new Box();
        foreach (var volume in (string[])["v", "w", "x"])
        {
            box.Run("create", volume).Ok();
        }

        box.Mount("x:/by-hand").Ok();
        using (var life = new Running("sleep", ["1000"]))
        {
            Assert.True(Killed.At(box, "move_mount", 2, "attach", "--pid", life.Pid.ToString(), "www", box.Root, "v:/a", "w:/b"));
            Assert.Equal([box.Root + "/a", box.Root + "/by-hand"], box.Mounts.Select(m => m.Target).Order());
            Assert.Empty(box.Run("gc").Ok().Lines);
            Assert.Equal(2, box.Mounts.Count);
        }

        box.Run("gc").Ok();
        Assert.Equal([box.Root + "/by-hand"], box.Mounts.Select(m => m.Target));
        Assert.Equal(["by-hand"], Sys.List(box.Root));
    }

    [Fact]
    public void A_number_that_another_process_has_by_now_is_no_life()
    {
        using var box = new Box();
        using var life = new Running("sleep", ["1000"]);
        box.Run("attach", "--pid", life.Pid.ToString(), "www", box.Root, "v:/a").Ok();
        ChangeAttachment(box, a => a["process"]!["start"] = a["process"]!["start"]!.GetValue<ulong>() - 1);
        box.Run("gc").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void An_attachment_of_which_nothing_tells_that_it_is_over_stays()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok(); // its starter, a shell in a hook say, ends at once
        box.Shell("\"$KVOL\" attach db \"$R\" w:/b").Ok();
        ChangeAttachment(box, a => a["uptime"] = a["uptime"]!.GetValue<long>() - 7_200_000);
        box.Mount("x:/by-hand").Ok();
        Assert.Empty(box.Run("gc").Ok().Lines);
        Assert.Equal(3, box.Mounts.Count);
    }

    [Fact]
    public void When_the_root_directory_is_gone_what_is_left_of_it_is_undone()
    {
        Assert.SkipWhen(Platform.IsFreeBSD,
            "where the kernel knows the jails, a root directory that was renamed does not tell that its jail is over");
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        Sys.Rename(box.Root, box.Top + "/moved");
        box.Run("gc").Ok();
        Assert.Empty(MountInfo.Below(box.Top + "/moved"));
        Assert.Empty(Sys.List(box.Top + "/moved"));
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
    }

    [Fact]
    public void What_is_busy_stays_is_named_and_goes_another_time()
    {
        using var box = new Box();
        using (var life = new Running("sleep", ["1000"]))
        {
            box.Run("attach", "--pid", life.Pid.ToString(), "www", box.Root, "v:/a", "w:/b").Ok();
        }

        using (var holder = new Running("sleep", ["1000"], directory: box.Root + "/a"))
        {
            var result = box.Run("gc");
            Assert.Equal(75, result.Exit);
            Assert.Contains(box.Root + "/a", result.Err, StringComparison.Ordinal);
            Assert.Equal([box.Root + "/a"], box.Mounts.Select(m => m.Target));
        }

        box.Run("gc").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void Unfinished_work_in_the_store_goes_and_whole_volumes_stay()
    {
        using var box = new Box();
        box.Run("create", "whole").Ok();
        Sys.Write(box.Data("whole") + "/x", "x"u8.ToArray());
        box.Run("create", "v").Ok();
        new Tree(new Dir(".seeding"), new Dir(".seeding/d"), new Text(".seeding/d/f")).Build(box.Store + "/volumes/v");
        new Tree(new Dir(".new-a"), new Dir(".gone-b"), new Text(".gone-b/f"), new Dir(".else")).Build(box.Store + "/volumes");
        Assert.Equal(3, box.Run("gc", "-n").Ok().Lines.Length);
        Assert.Equal([".else", ".gone-b", ".new-a", "v", "whole"], Sys.List(box.Store + "/volumes"));
        Assert.Equal(3, box.Run("gc").Ok().Lines.Length);
        Assert.Equal([".else", "v", "whole"], Sys.List(box.Store + "/volumes"));
        Assert.Equal(["data", "volume.json"], Sys.List(box.Store + "/volumes/v"));
        Assert.True(Sys.Exists(box.Data("whole") + "/x"));
    }

    [Fact]
    public void Unfinished_files_in_the_run_directory_go()
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        box.Umount().Ok();
        string[] unfinished = [$"{box.Top}/run/.undone.json.new", $"{box.Top}/run/roots/.1-1.json.new"];
        foreach (var file in unfinished)
        {
            Sys.Write(file, "{"u8.ToArray());
        }

        Assert.Equal(2, box.Run("gc", "-n").Ok().Lines.Length);
        Assert.All(unfinished, f => Assert.True(Sys.Exists(f)));
        Assert.Equal(2, box.Run("gc").Ok().Lines.Length);
        Assert.All(unfinished, f => Assert.False(Sys.Exists(f)));
        box.Umount("/data").Ok(); // what was unmounted is still known
    }

    [Fact]
    public void A_seeding_that_goes_on_is_left_alone()
    {
        using var box = new Box();
        new Tree([new Dir("data"), .. Enumerable.Range(0, 4000).Select(i => new Text("data/f" + i))]).Build(box.Root);
        using var mount = box.Start("attach", "www", box.Root, "v:/data");
        while (!mount.HasExited && !Sys.Exists(box.Store + "/volumes/v/.seeding"))
        {
            Thread.Sleep(1);
        }

        mount.Signal(19);
        var result = box.Run("gc");
        mount.Signal(18);
        Assert.Empty(result.Ok().Lines);
        mount.Wait().Ok();
        Assert.Equal(4000, Sys.List(box.Root + "/data").Count);
    }

    [Fact]
    public void Mount_points_that_nothing_is_mounted_on_go_and_others_stay()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.MakeFile("file");
        box.Mount("v:/a/b", box.Top + "/file:/etc/f").Ok();
        box.Run("mount", other, "w:/x").Ok();
        Sys.Unmount(box.Root + "/a/b");
        Sys.Unmount(box.Root + "/etc/f");
        Tool.Run("rm", "-r", box.Top + "/run"); // as after a reboot
        Sys.Mkdir(box.Top + "/run");
        Assert.NotEmpty(box.Run("gc", "-n").Ok().Lines);
        Assert.Equal(["a", "etc"], Sys.List(box.Root));
        Assert.NotEmpty(box.Run("gc").Ok().Lines);
        Assert.Empty(Sys.List(box.Root));
        Assert.Equal(["x"], Sys.List(other));
        Assert.Single(MountInfo.Below(other));
    }

    [Fact]
    public void Records_of_an_earlier_boot_go()
    {
        using var box = new Box();
        box.Mount("v:/a").Ok();
        var file = Directory.GetFiles(box.Top + "/run/roots").Single();
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"boot\": \"", "\"boot\": \"x", StringComparison.Ordinal));
        box.Run("gc").Ok();
        Assert.Empty(Directory.GetFiles(box.Top + "/run/roots"));
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void With_no_store_there_is_nothing_to_do()
    {
        using var box = new Box();
        Assert.Empty(box.Run("gc").Ok().Lines);
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public async Task In_a_loop_against_jails_that_start_it_undoes_nothing_that_lives()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Run("create", "shared").Ok();
        using var stop = new CancellationTokenSource();
        var rounds = 0;
        var gc = Task.Run(() =>
        {
            for (; !stop.IsCancellationRequested; Interlocked.Increment(ref rounds))
            {
                box.Run("gc").Ok();
            }
        });
        var jails = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            var root = box.MakeDir("jail" + i);
            for (var round = 0; round < 3; round++)
            {
                using var life = new Running("sleep", ["1000"]);
                string[] attach = ["attach", "--pid", life.Pid.ToString(), "j" + i, root, $"own{i}:/made/own", "shared:/shared",
                    src + ":/made/own/host"];
                box.Run(attach).Ok();
                Assert.Equal(3, MountInfo.Below(root).Count);
                box.Run(attach).Ok();
                // Two rounds later, one has begun and ended since.
                for (var now = Volatile.Read(ref rounds); Volatile.Read(ref rounds) < now + 2 && !gc.IsCompleted;)
                {
                    Thread.Sleep(5);
                }

                Assert.Equal(3, MountInfo.Below(root).Count);
                if (round % 2 == 0)
                {
                    box.Run("detach", "j" + i, root).Ok();
                }
            }

            return root;
        })).ToArray();
        var roots = await Task.WhenAll(jails);
        await stop.CancelAsync();
        await gc;
        box.Run("gc").Ok();
        Assert.All(roots, r => Assert.Empty(MountInfo.Below(r)));
        Assert.All(roots, r => Assert.Empty(Sys.List(r)));
    }

    /// <summary>Changes the records as time or another process would.</summary>
    private static void ChangeAttachment(Box box, Action<JsonNode> change)
    {
        foreach (var file in Directory.GetFiles(box.Top + "/run/roots"))
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!;
            foreach (var attachment in json["attachments"]!.AsArray())
            {
                change(attachment!);
            }

            File.WriteAllText(file, json.ToJsonString());
        }
    }
}
