using System;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class Concurrency
{
    [Fact]
    public void Twenty_processes_mount_one_new_volume_and_one_of_them_seeds_it()
    {
        using var box = new Box();
        var tree = new Tree([.. Enumerable.Range(0, 500).Select(i => new Text("f" + i, "content " + i))]);
        var roots = Enumerable.Range(0, 20).Select(i => box.MakeDir("root" + i)).ToArray();
        foreach (var root in roots)
        {
            tree.Build(root + "/data");
        }

        var children = roots.Select(r => box.Start("mount", "--json", r, "v:/data")).ToArray();
        var results = children.Select(c => c.Wait().Ok()).ToArray();
        var seeded = results.Select(r => JsonDocument.Parse(r.Out).RootElement[0].GetProperty("seeded"));
        Assert.Equal(1, seeded.Count(s => s.ValueKind == JsonValueKind.Object));
        Assert.All(roots, r => Assert.Equal(500, Sys.List(r + "/data").Count));
        Assert.All(roots, r => Assert.Single(MountInfo.At(r + "/data")));
        foreach (var child in children)
        {
            child.Dispose();
        }
    }

    [Fact]
    public void Twenty_processes_making_the_same_mount_stack_nothing()
    {
        using var box = new Box();
        new Tree(new Text("data/f")).Steps.Aggregate(new Tree(new Dir("data")), (t, s) => t.And(s)).Build(box.Root);
        var children = Enumerable.Range(0, 20).Select(_ => box.Start("mount", box.Root, "v:/data", "w:/made/here")).ToArray();
        Assert.All(children, c => c.Wait().Ok());
        Assert.Equal(2, box.Mounts.Count);
        box.Umount().Ok();
        Assert.Equal(["data"], Sys.List(box.Root));
    }

    [Fact]
    public void Several_volumes_in_opposite_order_do_not_deadlock()
    {
        using var box = new Box();
        var roots = Enumerable.Range(0, 10).Select(i => box.MakeDir("root" + i)).ToArray();
        var children = roots.Select((r, i) =>
            i % 2 == 0 ? box.Start("mount", r, "a:/1", "b:/2", "c:/3") : box.Start("mount", r, "c:/1", "b:/2", "a:/3")).ToArray();
        Assert.All(children, c => c.Wait(60).Ok());
        Assert.Equal(["a", "b", "c"], box.Volumes.Order());
    }

    [Fact]
    public void Create_and_rm_of_one_name_at_once_never_leave_a_broken_volume()
    {
        using var box = new Box();
        box.Run("create", "other").Ok();
        for (var round = 0; round < 5; round++)
        {
            var children = Enumerable.Range(0, 12).Select(i => box.Start(i % 2 == 0 ? ["create", "v"] : ["rm", "v"])).ToArray();
            Assert.All(children, c => Assert.Contains(c.Wait().Exit, new[] { 0, 66, 75 }));
            box.Run("create", "v").Ok();
            Assert.Empty(Sys.List(box.Data("v")));
            Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
        }
    }

    [Fact]
    public void A_waiter_gives_up_after_wait_seconds_naming_the_holder()
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/data");
        new Tree([.. Enumerable.Range(0, 3000).Select(i => new Text("data/f" + i))]).Build(box.Root);
        for (var attempt = 0; ; attempt++)
        {
            Assert.True(attempt < 20, "the signal came too late twenty times");
            using var first = box.Start("mount", box.Root, "v:/data");
            SpinWait.SpinUntil(() => first.HasExited || Sys.Exists(box.Store + "/volumes/v/.seeding"), TimeSpan.FromMinutes(1));
            // Stopped in the middle of seeding: alive, holding its locks, getting nowhere.
            first.Signal(19);
            var other = box.MakeDir("other" + attempt);
            var result = box.Run("mount", "--wait", "1", other, "v:/data");
            var inTime = Sys.Exists(box.Store + "/volumes/v/.seeding");
            first.Signal(18);
            first.Wait().Ok();
            if (inTime)
            {
                result.Refused(75, first.Pid.ToString());
                return;
            }

            box.Run("umount", other).Ok();
            box.Umount().Ok();
            box.Run("rm", "v").Ok();
        }
    }
}
