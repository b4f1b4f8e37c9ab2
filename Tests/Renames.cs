using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A rename is atomic: the volume has its new name or its old one.</summary>
public class Renames
{
    [Fact]
    public void It_is_the_same_volume_under_another_name()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=b").Ok();
        new Tree(new Text("f"), new Times("f", 5, 5)).Build(box.Data("v"));
        var before = Manifest.Of(box.Data("v"));
        box.Run("rename", "v", "w").Ok();
        Assert.Equal(["w"], box.Volumes);
        before.MustEqual(Manifest.Of(box.Data("w")));
        Assert.Equal("b", box.Inspect("w").GetProperty("labels").GetProperty("a").GetString());
        Assert.Contains("\"w\"", File.ReadAllText(box.Metadata("w")));
        Assert.Contains("\"volume\": \"v\"", box.Run("rename", "--json", "w", "v").Ok().Out);
    }

    [Fact]
    public void A_taken_name_a_missing_volume_and_a_bad_name_are_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        Sys.Mkdir(box.Store + "/volumes/foreign");
        box.Run("rename", "v", "w").Refused(73, "w");
        box.Run("rename", "v", "v").Refused(73, "v");
        Assert.NotEqual(0, box.Run("rename", "v", "foreign").Exit);
        box.Run("rename", "none", "x").Refused(66, "none");
        box.Run("rename", "v", "a@b").Refused(64, "a@b");
        Assert.Equal(["foreign", "v", "w"], Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void While_mounted_it_is_refused_with_the_places_and_afterwards_mounts_go_on()
    {
        using var box = new Box();
        box.MakeDir("root/old");
        box.Mount("v:/a", "v:/b/c").Ok();
        box.Run("rename", "v", "w").Refused(75, box.Root + "/a", box.Root + "/b/c");
        box.Umount().Ok();
        Assert.Equal(["old"], Sys.List(box.Root));
        box.Run("rename", "v", "w").Ok();
        box.Mount("w:/a").Ok();
        box.Umount().Ok();
        Assert.Equal(["old"], Sys.List(box.Root));
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_mount_in_another_namespace_counts()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        using var holder = Holder.Start(box.Data("v"), box.MakeDir("there"));
        box.Run("rename", "v", "w").Refused(75, "mount namespace of pid", $"nsenter -t {holder.Pid} -m umount {box.Top}/there");
    }

    [Fact]
    public void Two_that_cross_each_other_do_not_wait_for_each_other_for_ever()
    {
        using var box = new Box();
        foreach (var round in Enumerable.Range(0, 5))
        {
            box.Run("create", "a").Ok();
            using var one = box.Start("rename", "a", "b");
            using var two = box.Start("rename", "b", "a");
            Assert.Contains(one.Wait().Exit, (int[])[0]);
            Assert.Contains(two.Wait().Exit, (int[])[0, 66]);
            Assert.Single(box.Volumes);
            box.Run("rm", box.Volumes[0]).Ok();
        }
    }
}
