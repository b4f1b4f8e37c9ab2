using System;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>The content of a root directory belongs to the jail: nothing in it leads outside.</summary>
public class PathSafety
{
    [Theory]
    [InlineData("OUTSIDE")]
    [InlineData("../outside")]
    [InlineData("../../../../../../../../../outside")]
    [InlineData("/../outside")]
    public void A_symlink_on_the_way_stays_inside(string target)
    {
        using var box = new Box();
        var outside = box.MakeDir("outside");
        Sys.Symlink(target == "OUTSIDE" ? outside : target, box.Root + "/link");
        box.MakeFile("src");
        var before = Manifest.Of(outside);
        // Resolved inside and made there, or refused: both are right, outside is not.
        _ = box.Mount("v:/link/data", box.Top + "/src:/link/file");
        before.MustEqual(Manifest.Of(outside));
        Assert.Empty(MountInfo.Below(outside));
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        before.MustEqual(Manifest.Of(outside));
    }

    [Fact]
    public void A_symlink_as_destination_is_resolved_as_if_chrooted()
    {
        using var box = new Box();
        new Tree(new Dir("real"), new Dir("real/data"), new Text("real/data/seed"), new Link("abs", "/real/data"),
            new Link("rel", "./real/../../real/data")).Build(box.Root);
        box.Mount("v:/abs").Ok();
        Assert.Equal(box.Root + "/real/data", box.Mounts.Single().Target);
        Assert.Equal(["seed"], Sys.List(box.Data("v")));
        box.Umount("/abs").Ok();
        Assert.Empty(box.Mounts);
        box.Mount("w:/rel").Ok();
        Assert.Equal(box.Root + "/real/data", box.Mounts.Single().Target);
    }

    [Fact]
    public void A_symlink_to_the_hosts_etc_copies_nothing_of_the_host()
    {
        using var box = new Box();
        Sys.Symlink("/etc", box.Root + "/data");
        _ = box.Mount("v:/data");
        Assert.Empty(MountInfo.At("/etc"));
        if (Sys.Exists(box.Data("v")))
        {
            Assert.Empty(Sys.List(box.Data("v")));
        }
    }

    [Fact]
    public void A_link_through_proc_leads_nowhere()
    {
        using var box = new Box();
        new Tree(new Dir("proc"), new Link("data", "/proc/self/root/tmp")).Build(box.Root);
        Sys.Mount("proc", box.Root + "/proc", "proc", 0);
        var result = box.Mount("v:/data/kvol-test-x");
        Assert.False(Sys.Exists("/tmp/kvol-test-x"));
        if (Platform.IsFreeBSD)
        {
            // A link is the text that readlink(2) tells, "/" here, and starts again at the root directory.
            result.Ok();
            Assert.Equal(["proc", "tmp/kvol-test-x"], box.Mounts.Select(m => m.Target[(box.Root.Length + 1)..]));
            return;
        }

        Assert.NotEqual(0, result.Exit);
        Assert.Equal(["proc"], box.Mounts.Select(m => m.Target[(box.Root.Length + 1)..]));
    }

    [Fact]
    public void A_symlink_loop_is_refused()
    {
        using var box = new Box();
        new Tree(new Link("a", "b"), new Link("b", "a")).Build(box.Root);
        var before = box.State();
        var result = box.Mount("v:/a/data");
        Assert.NotEqual(0, result.Exit);
        Assert.StartsWith("kvol: ", result.Err);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_file_mount_over_a_symlink_to_a_host_file_does_not_touch_it()
    {
        using var box = new Box();
        var victim = box.MakeFile("victim", "safe");
        var src = box.MakeFile("src");
        Sys.Symlink(victim, box.Root + "/conf");
        Sys.Symlink("../victim2", box.Root + "/conf2");
        var before = Sys.Stat(victim);
        _ = box.Mount(src + ":/conf");
        _ = box.Mount(src + ":/conf2");
        Assert.Equal(before, Sys.Stat(victim));
        Assert.False(Sys.Exists(box.Top + "/victim2"));
        Assert.Empty(MountInfo.At(victim));
    }

    [Theory]
    [InlineData("OUTSIDE")]
    [InlineData("../../../../outside")]
    [InlineData("../../w/data")]
    public void A_subpath_through_a_symlink_stays_in_the_volume(string target)
    {
        using var box = new Box();
        var outside = box.MakeDir("outside");
        box.MakeFile("outside/secret");
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        Sys.Write(box.Data("w") + "/secret", []);
        Sys.Symlink(target == "OUTSIDE" ? outside : target, box.Data("v") + "/link");
        var before = box.State();
        box.Mount("v:/data:subpath=link").Refused(66, "v/link");
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_subpath_that_is_missing_is_66_and_made_only_on_request()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Mount("v:/data:subpath=a/b").Refused(66);
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_racing_swap_with_a_symlink_never_gets_a_mount_outside(bool file)
    {
        using var box = new Box();
        var outside = box.MakeDir("outside");
        Sys.Mkdir(outside + "/sub");
        var src = box.MakeFile("src");
        Sys.Mkdir(box.Root + "/dir");
        Sys.Mkdir(box.Root + "/dir/sub");
        Sys.Symlink("../outside", box.Root + "/evil");
        var before = Manifest.Of(outside);
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Sys.Exchange(box.Root + "/dir", box.Root + "/evil");
            }
        });
        swapper.Start();
        try
        {
            for (var i = 0; i < 60; i++)
            {
                _ = file ? box.Mount(src + ":/dir/sub/f" + i) : box.Mount("v:/dir/sub/" + (i % 2 == 0 ? "new" : string.Empty));
                Assert.Empty(MountInfo.Below(outside));
                _ = box.Umount();
                Assert.Empty(MountInfo.Below(outside));
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }

        before.MustEqual(Manifest.Of(outside));
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Seeding_does_not_follow_a_directory_swapped_with_a_symlink()
    {
        using var box = new Box();
        new Tree(new Text("secret")).Build(box.Top + "/outside");
        new Tree([new Dir("data"), new Dir("data/a"), new Link("data/b", "../../outside"),
            .. Enumerable.Range(0, 200).Select(i => new Text("data/f" + i))]).Build(box.Root);
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Sys.Exchange(box.Root + "/data/a", box.Root + "/data/b");
            }
        });
        swapper.Start();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                _ = box.Run("mount", box.Root, $"v{i}:/data");
                // The swapping thread may be inside, which makes it busy.
                _ = box.Umount();
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }

        foreach (var volume in box.Volumes)
        {
            Assert.DoesNotContain(Manifest.Of(box.Data(volume)).Lines, l => l.Contains("secret", StringComparison.Ordinal));
        }
    }
}
