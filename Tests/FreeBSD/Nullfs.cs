using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.FreeBSD;

/// <summary>What FreeBSD's side of kvol has to do otherwise, against the stand-in for FreeBSD's libc.</summary>
[Trait("System", "FreeBSD")]
public class Nullfs
{
    [Fact]
    public void A_host_mount_is_called_nullfs()
    {
        using var box = new Box();
        box.MakeDir("src");
        Assert.Contains("\"type\": \"nullfs\"", box.Mount("--json", box.Top + "/src:/data").Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_a_volume_is_mounted_by_way_of_a_private_directory_that_goes_with_it()
    {
        using var box = new Box();
        new Tree(new Dir("data/sub"), new Text("data/sub/f")).Build(Made(box.Root));
        box.Mount("v:/data").Ok();
        box.Mount("v:/x:ro,subpath=sub").Ok();
        var staging = Assert.Single(MountInfo.Below(box.Top + "/run/staging"));
        Assert.Equal(staging.Root, box.MountAt("/x").Root);
        Assert.Equal(["data", "x"], box.Run("mounts", "-H").Ok().Lines.Select(l => Path.GetFileName(l)));
        box.Run("rm", "v").Refused(75, "/x");
        box.Mount("v:/x:ro,subpath=sub").Ok(); // there already
        Assert.Single(MountInfo.Below(box.Top + "/run/staging"));
        box.Umount("/x").Ok();
        Assert.Empty(MountInfo.Below(box.Top + "/run/staging"));
        Assert.Empty(Sys.List(box.Top + "/run/staging"));
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_file_of_a_volume_is_mounted_by_way_of_a_private_directory_too()
    {
        using var box = new Box();
        new Tree(new Text("data/f", "inside")).Build(Made(box.Root));
        box.Mount("v:/data").Ok();
        box.Mount("v:/etc/f:subpath=f").Ok();
        Assert.Equal("inside", File.ReadAllText(box.Root + "/etc/f"));
        box.Umount().Ok();
        Assert.Empty(MountInfo.Below(box.Top));
        Assert.Empty(Sys.List(box.Top + "/run/staging"));
    }

    [Fact]
    public void A_subpath_that_is_exchanged_all_the_time_never_shows_anything_else()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Dir("secret"), new Text("secret/s")).Build(Made(box.Top + "/host"));
        new Tree(new Dir("a"), new Text("a/f"), new Link("b", box.Top + "/host/secret")).Build(box.Data("v"));
        box.Mount("v:/data:nocopy").Ok();
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = Sys.Exchange(box.Data("v") + "/a", box.Data("v") + "/b");
            }
        });
        swapper.Start();
        try
        {
            for (var i = 0; i < 25; i++)
            {
                var result = box.Mount("v:/x:subpath=a");
                if (result.Exit == 0)
                {
                    Assert.Equal(["f"], Sys.List(box.Root + "/x"));
                    box.Umount("/x").Ok();
                }

                var left = MountInfo.Below(box.Top + "/run/staging");
                Assert.True(left.Count == 0, $"{result.Exit} {result.Err}{string.Join(' ', left)}");
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
    }

    [Fact]
    public void A_mount_below_a_directory_that_was_renamed_is_undone_by_its_id()
    {
        using var box = new Box();
        new Tree(new Dir("a"), new Dir("a/data")).Build(Made(box.Root));
        box.Mount("v:/a/data").Ok();
        Sys.Rename(box.Root + "/a", box.Root + "/b");
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void An_option_of_the_file_system_below_is_no_reason_to_refuse()
    {
        using var box = new Box();
        box.MakeDir("fs");
        Sys.Mount("tmpfs", box.Top + "/fs", "tmpfs", 0x400); // MS_NOATIME
        box.Mount(box.Top + "/fs:/data").Ok();
        box.Mount(box.Top + "/fs:/data").Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_place_that_has_several_names_cannot_be_mounted_on()
    {
        using var box = new Box();
        new Tree(new Text("f"), new HardLink("g", "f")).Build(Made(box.Root));
        box.MakeFile("src");
        box.Mount(box.Top + "/src:/f").Refused(73, "several names");
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_single_file_is_not_mounted_under_a_running_jail_unless_forced()
    {
        using var box = new Box();
        box.MakeFile("src");
        box.Environment["STANDIN_JAILS"] = box.MakeFile("jails", $"3 www {box.Root}\n");
        box.Mount(box.Top + "/src:/f").Refused(75, "jail");
        Assert.Empty(box.Mounts);
        box.Mount("-f", box.Top + "/src:/f").Ok();
        Assert.Single(box.Mounts);
    }

    [Theory]
    [InlineData(Kind.Fifo)]
    [InlineData(Kind.Socket)]
    [InlineData(Kind.CharDevice)]
    public void What_is_no_directory_and_no_file_is_not_opened_and_takes_no_mount(Kind kind)
    {
        using var box = new Box();
        new Special("odd", kind, 0b110_100_100, 1, 3).Apply(box.Root + "/odd");
        box.MakeFile("src");
        box.Mount(box.Top + "/src:/odd").Refused(73, "/odd");
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_kernel_before_13_seeds_and_mounts_directories()
    {
        using var box = new Box();
        box.Environment["STANDIN_BEFORE_13"] = "1";
        new Tree(new Noise("data/big", 300000), new Text("data/f")).Build(Made(box.Root));
        var original = Manifest.Of(box.Root + "/data");
        box.Mount("v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Root + "/data"));
        box.MakeFile("src");
        var refused = box.Mount(box.Top + "/src:/etc/one");
        Assert.NotEqual(0, refused.Exit);
        Assert.Contains("13.5", refused.Err, StringComparison.Ordinal);
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Errors_are_told_in_the_words_of_the_system()
    {
        using var box = new Box();
        box.MakeDir("store");
        box.Shell("mount -t tmpfs -o ro,mode=755 none store").Ok(); // others may not write to a store
        Assert.Contains("Read-only file system", box.Run("create", "v").Err, StringComparison.Ordinal);
    }

    [Fact]
    public void The_processes_that_keep_a_mount_busy_are_named()
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        using var holder = new Running("sleep", ["100"], new Dictionary<string, string>(), box.Root + "/data");
        box.Umount().Refused(75, $"pid {holder.Pid}", "sleep");
    }

    private static string Made(string directory)
    {
        if (!Sys.Exists(directory))
        {
            Sys.Mkdir(directory);
        }

        if (directory.EndsWith("/root", StringComparison.Ordinal))
        {
            Sys.Mkdir(directory + "/data");
        }

        return directory;
    }
}
