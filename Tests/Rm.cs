using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Nothing that is in use is removed, and nothing outside the volume with it.</summary>
public class Rm
{
    [Fact]
    public void It_needs_no_run_directory()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Directory.Delete(box.Top + "/run", recursive: true);
        box.Run("rm", "web").Ok();
        Assert.False(Directory.Exists(box.Top + "/run"));
    }

    [Fact]
    public void A_mounted_volume_is_refused()
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        Sys.Write(box.Root + "/data/x", []);
        var before = box.State();
        box.Run("rm", "v").Refused(75, "v");
        Assert.Equal(before, box.State());
        box.Umount().Ok();
        box.Run("rm", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Names_of_what_was_made_and_removed_are_told_as_json()
    {
        using var box = new Box();
        Assert.Equal("v", JsonDocument.Parse(box.Run("create", "v", "--json").Ok().Out).RootElement.GetProperty("volume").GetString());
        box.Run("create", "w").Ok();
        var result = box.Run("rm", "--json", "v", "none", "w");
        Assert.Equal((1, "v w"),
            (result.Exit, string.Join(' ', JsonDocument.Parse(result.Out).RootElement.EnumerateArray().Select(n => n.GetString()))));
        Assert.Equal("[]", box.Run("rm", "--json", "none").Out.Trim());
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void A_volume_mounted_only_by_subpath_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Dir("a"), new Dir("a/b")).Build(box.Data("v"));
        box.Mount("v:/data:subpath=a/b").Ok();
        box.Run("rm", "v").Refused(75, "v");
        Assert.True(Sys.Exists(box.Data("v") + "/a/b"));
    }

    [Fact]
    public void A_volume_mounted_only_in_another_namespace_is_refused()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, Platform.OneMountTable);
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Write(box.Data("v") + "/x", []);
        var elsewhere = box.MakeDir("elsewhere");
        using (Holder.Start(box.Data("v"), elsewhere))
        {
            box.Run("rm", "v").Refused(75, "v");
            box.Run("rm", "-f", "v").Refused(75, "v");
            box.Run("prune", "--all", "-y");
            Assert.True(Sys.Exists(box.Data("v") + "/x"));
        }

        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void Force_unmounts_kvols_mounts_first()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Mount("v:/data").Ok();
        box.Run("mount", other, "v:/made/data").Ok();
        Assert.Equal("v\n", box.Run("rm", "-f", "v").Ok().Out);
        Assert.Empty(box.Mounts);
        Assert.Empty(MountInfo.Below(other));
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Force_is_not_force_against_a_busy_mount()
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        Sys.Write(box.Root + "/data/x", []);
        var held = Sys.Open(box.Root + "/data/x");
        var result = box.Run("rm", "-f", "v");
        _ = Libc.close(held);
        Assert.Equal(75, result.Exit);
        Assert.Contains(Environment.ProcessId.ToString(), result.Err, StringComparison.Ordinal);
        Assert.True(Sys.Exists(box.Data("v") + "/x"));
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_deletion_never_crosses_a_mount_point()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Dir("in"), new Text("file")).Build(box.Data("v"));
        var outside = box.MakeDir("outside");
        Sys.Write(outside + "/precious", []);
        Sys.BindMount(outside, box.Data("v") + "/in");
        foreach (var force in (string[][])[[], ["-f"]])
        {
            var result = box.Run(["rm", .. force, "v"]);
            Assert.True(result.Exit == 75, $"exit {result.Exit}: {result.Err}");
            Assert.True(Sys.Exists(outside + "/precious"));
            Assert.True(Sys.Exists(box.Data("v") + "/file"), "part of the volume was deleted");
        }
    }

    [Fact]
    public void A_deletion_never_crosses_a_file_mount()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Write(box.Data("v") + "/f", []);
        var outside = box.MakeFile("precious");
        Sys.BindMount(outside, box.Data("v") + "/f");
        box.Run("rm", "v").Refused(75);
        Assert.True(Sys.Exists(outside));
    }

    [Fact]
    public void A_symlink_in_place_of_a_volume_is_not_followed()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var outside = box.MakeDir("outside");
        Sys.Mkdir(outside + "/data");
        Sys.Write(outside + "/data/precious", []);
        Sys.Symlink(outside, box.Store + "/volumes/evil");
        _ = box.Run("rm", "-f", "evil");
        Assert.True(Sys.Exists(outside + "/data/precious"));
    }

    [Fact]
    public void A_symlink_in_place_of_the_data_is_not_followed()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var outside = box.MakeDir("outside");
        Sys.Write(outside + "/precious", []);
        Tool.Run("rmdir", box.Data("v"));
        Sys.Symlink(outside, box.Data("v"));
        _ = box.Mount("v:/data");
        Assert.False(Sys.Exists(box.Root + "/data/precious"));
        _ = box.Run("rm", "-f", "v");
        Assert.True(Sys.Exists(outside + "/precious"));
    }

    [Fact]
    public void Several_with_one_mounted_removes_the_others()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        box.Run("create", "c").Ok();
        box.Mount("b:/data").Ok();
        Assert.Equal("a\nc\n", box.Run("rm", "a", "b", "c").Refused(1, "b").Out);
        Assert.Equal(["b"], box.Volumes);
    }
}
