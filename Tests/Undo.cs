using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A failed command leaves the world as it was; umount removes what kvol made and nothing else.</summary>
public class Undo
{
    [Fact]
    public void When_the_second_of_three_mounts_fails_everything_is_undone()
    {
        using var box = new Box();
        new Tree(new Dir("seeded"), new Text("seeded/x")).Build(box.Root);
        box.Run("create", "old").Ok();
        var before = box.State();
        box.Mount("new:/a/b/c", "old:/seeded", box.Top + "/absent:/m/n", "third:/z").Refused(66);
        Assert.Equal(before, box.State());
        Assert.Equal(["old"], box.Volumes);
    }

    [Fact]
    public void A_late_failure_takes_back_mounts_volumes_and_directories()
    {
        using var box = new Box();
        // A foreign mount that only shows when its turn comes: the first of the three is in place by then.
        new Tree(new Dir("b"), new Dir("a"), new Text("a/x")).Build(box.Root);
        Sys.Mount("tmpfs", box.Root + "/b", "tmpfs", 0);
        var before = box.State();
        box.Mount("v1:/a", "v2:/b", "v3:/c/d").Refused(75);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_destination_through_a_file_fails_and_is_undone()
    {
        using var box = new Box();
        new Tree(new Text("file")).Build(box.Root);
        var before = box.State();
        var result = box.Mount("v:/a", "w:/file/below");
        Assert.NotEqual(0, result.Exit);
        Assert.StartsWith("kvol: ", result.Err);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void Directories_and_placeholders_that_kvol_made_go_with_the_mounts()
    {
        using var box = new Box();
        new Tree(new Dir("there"), new Text("file")).Build(box.Root);
        box.MakeFile("src");
        var before = Sys.List(box.Root);
        box.Mount("v:/there", "w:/made/by/kvol", box.Top + "/src:/etc/conf", box.Top + "/src:/file").Ok();
        Assert.Equal(4, box.Mounts.Count);
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        Assert.Equal(before, Sys.List(box.Root));
        Assert.Equal("text\n", File.ReadAllText(box.Root + "/file"));
    }

    [Fact]
    public void A_source_that_a_failed_command_made_goes_and_what_was_there_stays()
    {
        using var box = new Box();
        var there = box.MakeDir("there");
        box.Mount($"{there}/new/er:/c:create-source", "v:/b:subpath=no").Refused(66);
        Assert.True(Sys.Exists(there));
        Assert.Empty(Sys.List(there));
        box.Mount($"{there}/new/er:/c:create-source").Ok();
        box.Umount().Ok();
        box.Mount($"{there}/new/er:/c:create-source", "v:/b:subpath=no").Refused(66);
        Assert.Equal(["er"], Sys.List(there + "/new"));
    }

    [Fact]
    public void What_users_put_beside_a_mount_point_is_kept()
    {
        using var box = new Box();
        box.MakeFile("src");
        box.Mount("v:/made/mnt", box.Top + "/src:/etc/conf").Ok();
        Sys.Write(box.Root + "/made/user", "x"u8.ToArray());
        box.Umount().Ok();
        Assert.Equal(["made"], Sys.List(box.Root));
        Assert.Equal(["user"], Sys.List(box.Root + "/made"));
    }

    [Fact]
    public void A_mount_point_that_someone_replaced_or_filled_is_kept()
    {
        using var box = new Box();
        box.MakeFile("src");
        box.Mount("v:/d", box.Top + "/src:/f").Ok();
        // Unmounted behind kvol's back, then used by someone else.
        Sys.Unmount(box.Root + "/d");
        Sys.Unmount(box.Root + "/f");
        Tool.Run("rm", "-r", box.Root + "/d");
        Sys.Mkdir(box.Root + "/other");
        Sys.Rename(box.Root + "/other", box.Root + "/d");
        Sys.Write(box.Root + "/f", "mine"u8.ToArray());
        box.Umount().Ok();
        Assert.Equal("mine", File.ReadAllText(box.Root + "/f"));
        Assert.True(Sys.Exists(box.Root + "/d"));
    }

    [Fact]
    public void Umount_of_one_destination_leaves_the_others()
    {
        using var box = new Box();
        box.Mount("v:/a", "w:/b").Ok();
        box.Umount("/a").Ok();
        Assert.Equal([box.Root + "/b"], box.Mounts.Select(m => m.Target));
        Assert.Equal(["b"], Sys.List(box.Root));
    }

    [Fact]
    public void Umount_with_nothing_to_do_succeeds()
    {
        using var box = new Box();
        box.Umount().Ok();
        box.Mount("v:/a").Ok();
        box.Umount().Ok();
        box.Umount().Ok();
    }

    [Fact]
    public void A_busy_mount_and_its_parents_stay_are_listed_and_a_repeat_finishes()
    {
        using var box = new Box();
        box.Mount("v:/a", "w:/a/b", "x:/c").Ok();
        var held = Sys.Open(box.Root + "/a/b");
        var result = box.Umount();
        Assert.Equal(75, result.Exit);
        Assert.Contains(box.Root + "/a/b", result.Err, StringComparison.Ordinal);
        Assert.Equal([box.Root + "/a", box.Root + "/a/b"], box.Mounts.Select(m => m.Target));
        _ = Libc.close(held);
        box.Umount().Ok();
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_lost_run_record_means_less_is_touched_never_more()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Mount("v:/vol", src + ":/host").Ok();
        Tool.Run("rm", "-r", box.Top + "/run");
        Sys.Mkdir(box.Top + "/run");
        box.Umount().Ok();
        // The volume is known by where it lies; the host mount is now anybody's.
        Assert.Equal([box.Root + "/host"], box.Mounts.Select(m => m.Target));
    }

    [Fact]
    public void A_stale_mount_of_a_deleted_source_is_peeled()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Mount(src + ":/d").Ok();
        Sys.Check(Libc.rmdir(Sys.Bytes(src)), "rmdir", src);
        Sys.Mkdir(src);
        Sys.Write(src + "/fresh", []);
        box.Mount(src + ":/d").Ok();
        Assert.Equal(["fresh"], Sys.List(box.Root + "/d"));
        box.MountAt("/d");
    }

    [Fact]
    public void A_duplicate_stacked_on_the_same_mount_is_peeled()
    {
        using var box = new Box();
        box.Mount("v:/d").Ok();
        Sys.BindMount(box.Data("v"), box.Root + "/d");
        Assert.Equal(2, box.Mounts.Count);
        box.Mount("v:/d").Ok();
        Assert.Single(box.Mounts);
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }
}
