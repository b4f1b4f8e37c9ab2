using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class NestedOrder
{
    public static TheoryData<string> Orders =>
        ["a:/x|b:/x/y|c:/x/y/z", "c:/x/y/z|b:/x/y|a:/x", "b:/x/y|a:/x|c:/x/y/z", "b:/x/y|c:/x/y/z|a:/x"];

    [Theory]
    [MemberData(nameof(Orders))]
    public void Parents_are_mounted_first_and_unmounted_last_whatever_the_order(string specs)
    {
        using var box = new Box();
        box.Mount(specs.Split('|')).Ok();
        Assert.Equal([box.Root + "/x", box.Root + "/x/y", box.Root + "/x/y/z"], box.Mounts.Select(m => m.Target));
        // The mount point of b lies in a, not in the root directory underneath.
        Assert.Equal(["y"], Sys.List(box.Data("a")));
        Assert.Equal(["z"], Sys.List(box.Data("b")));
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Empty(Sys.List(box.Data("a")));
        Assert.Empty(Sys.List(box.Data("b")));
    }

    [Fact]
    public void Siblings_that_sort_between_parent_and_child_do_not_matter()
    {
        using var box = new Box();
        box.Mount("c:/x/y", "b:/x-1", "a:/x").Ok();
        Assert.True(Sys.Exists(box.Data("a") + "/y"));
        box.Umount().Ok();
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_mount_inside_a_volume_shows_neither_in_the_store_nor_in_another_root()
    {
        using var box = new Box();
        // As on a host whose mounts are shared, the usual setting of systemd.
        box.Shell("mkdir store && mount --bind store store && mount --make-rshared store").Ok();
        var other = box.MakeDir("other");
        box.Run("mount", other, "a:/x").Ok();
        box.Mount("a:/x", "b:/x/y").Ok();
        Assert.Equal(3, MountInfo.Below(box.Top).Count(m => m.Target.Contains("/x", System.StringComparison.Ordinal)));
        Assert.Empty(MountInfo.At(box.Data("a") + "/y"));
        box.Umount().Ok();
        box.Run("umount", other).Ok();
    }

    [Fact]
    public void A_parent_is_seeded_before_its_child_covers_part_of_it()
    {
        using var box = new Box();
        new Tree(new Dir("x"), new Text("x/top"), new Dir("x/y"), new Text("x/y/below")).Build(box.Root);
        box.Mount("b:/x/y", "a:/x").Ok();
        Assert.Equal(["top", "y"], Sys.List(box.Data("a")));
        Assert.Equal(["below"], Sys.List(box.Data("a") + "/y"));
        Assert.Equal(["below"], Sys.List(box.Data("b")));
    }

    [Fact]
    public void A_mount_point_that_kvol_made_in_a_volume_does_not_make_it_full()
    {
        using var box = new Box();
        box.Mount("a:/x", "b:/x/y").Ok();
        var other = box.MakeDir("other");
        new Tree(new Dir("x"), new Text("x/f")).Build(other);
        box.Umount("/x/y").Ok();
        box.Umount().Ok();
        box.Run("mount", other, "a:/x").Ok();
        Assert.Equal(["f"], Sys.List(other + "/x"));
    }

    [Fact]
    public void Two_specs_for_one_destination_are_refused()
    {
        using var box = new Box();
        var before = box.State();
        box.Mount("a:/x", "b:/x").RefusedAny(64, 75);
        Assert.Equal(before, box.State());
    }
}
