using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Whatever became of the jail, its root directory and the records: detach leaves a state that the next attach heals.</summary>
public class Detach
{
    [Fact]
    public void With_nothing_to_do_it_succeeds()
    {
        using var box = new Box();
        box.Run("detach", "www").Ok();
        box.Run("detach", "www", box.Root).Ok();
        box.Run("detach", "www", box.Top + "/absent").Ok();
        box.Run("attach", "www", box.Root, "v:/data").Ok();
        box.Run("detach", "www").Ok();
        box.Run("detach", "www", box.Root).Ok();
    }

    [Fact]
    public void A_mistaken_root_directory_is_told_while_the_jail_is_attached_elsewhere()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/data").Ok();
        box.Run("detach", "www", box.Top + "/absent").Refused(66, box.Root);
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_busy_mount_is_named_with_its_holder_the_others_go_and_a_repeat_finishes()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a", "w:/a/b", "x:/c").Ok();
        using (var holder = new Running("sleep", ["1000"], directory: box.Root + "/a/b"))
        {
            var result = box.Run("detach", "--wait", "0.2", "www", box.Root);
            Assert.Equal(75, result.Exit);
            Assert.Contains(box.Root + "/a/b", result.Err, StringComparison.Ordinal);
            Assert.Contains($"pid {holder.Pid} (sleep)", result.Err, StringComparison.Ordinal);
            Assert.Equal([box.Root + "/a", box.Root + "/a/b"], box.Mounts.Select(m => m.Target));
            box.Run("attach", "www", box.Root, "v:/a", "w:/a/b", "x:/c").Ok();
            Assert.Equal(3, box.Mounts.Count);
        }

        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void It_waits_for_processes_that_are_dying()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        using var holder = new Running("sleep", ["1000"], directory: box.Root + "/a");
        var trace = box.Top + "/trace";
        using var detach = new Running(
            "strace", ["-f", "-qq", "-e", "trace=umount2", "-o", trace, Box.Binary, "detach", "--wait", "60", "www", box.Root],
                new Dictionary<string, string>(box.Environment), box.Top);
        while (!detach.HasExited && !(File.Exists(trace) && File.ReadAllText(trace).Contains("EBUSY", StringComparison.Ordinal)))
        {
            Thread.Sleep(5);
        }

        Assert.Single(box.Mounts);
        holder.Signal(9);
        detach.Wait().Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("damaged")]
    [InlineData("other boot")]
    public void Without_its_record_the_mount_table_decides(string record)
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "v:/a", "w:/a/b").Ok();
        box.Run("attach", "db", other, "v:/a").Ok();
        foreach (var file in Directory.GetFiles(box.Top + "/run/roots"))
        {
            if (record == "lost")
            {
                File.Delete(file);
            }
            else
            {
                File.WriteAllText(file, record == "damaged" ? "{\"boot\": 7"
                    : File.ReadAllText(file).Replace("\"boot\": \"", "\"boot\": \"x", StringComparison.Ordinal));
            }
        }

        box.Run("detach", "www").Ok(); // it cannot be known where the jail was
        Assert.Equal(2, box.Mounts.Count);
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Single(MountInfo.Below(other));
        box.Run("attach", "www", box.Root, "v:/a", "w:/a/b").Ok();
        Assert.Equal(2, box.Mounts.Count);
    }

    [Fact]
    public void A_root_directory_that_was_renamed_is_found_by_its_mounts()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Run("attach", "www", box.Root, "v:/made/a", src + ":/b").Ok();
        Sys.Rename(box.Root, box.Top + "/moved");
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(MountInfo.Below(box.Top));

        // statfs(2) of FreeBSD names the place where a mount was made, so nothing tells where its mount points are now.
        Assert.Equal(Platform.IsFreeBSD ? ["b", "made"] : [], Sys.List(box.Top + "/moved"));
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_root_directory_that_another_took_the_place_of_is_found_too()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        Sys.Rename(box.Root, box.Top + "/moved");
        Sys.Mkdir(box.Root);
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(MountInfo.Below(box.Top));
        Assert.Empty(Sys.List(box.Top + "/moved"));
    }

    [Fact]
    public void A_root_directory_that_was_removed_is_nothing_to_do()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        Sys.Unmount(box.Root + "/a");
        Tool.Run("rm", "-r", box.Root);
        box.Run("detach", "www", box.Root).Ok();
        Sys.Mkdir(box.Root);
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        box.Run("detach", "www").Ok();
    }

    [Fact]
    public void What_was_mounted_by_hand_stays_unless_the_jail_was_given_it()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Mount("v:/mine", src + ":/host", "w:/given").Ok();
        Sys.Mkdir(box.Root + "/foreign");
        Sys.Mount("tmpfs", box.Root + "/foreign", "tmpfs", 0);
        box.Run("attach", "www", box.Root, "w:/given", "x:/x").Ok();
        box.Run("detach", "www", box.Root).Ok();
        Assert.Equal([box.Root + "/foreign", box.Root + "/host", box.Root + "/mine"], box.Mounts.Select(m => m.Target).Order());
    }

    [Fact]
    public void Two_jails_in_one_root_directory_do_not_take_each_others_mounts()
    {
        using var box = new Box();
        box.Run("attach", "a", box.Root, "v:/a", "s:/shared").Ok();
        box.Run("attach", "b", box.Root, "w:/b", "s:/shared").Ok();
        box.Run("detach", "a", box.Root).Ok();
        Assert.Equal([box.Root + "/b", box.Root + "/shared"], box.Mounts.Select(m => m.Target).Order());
        box.Run("detach", "b", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void Detach_without_a_root_directory_undoes_the_jail_everywhere()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        box.Run("attach", "www", other, "w:/a").Ok();
        box.Run("attach", "db", other, "x:/b").Ok();
        box.Run("detach", "www").Ok();
        Assert.Equal([other + "/b"],
            MountInfo.Below(box.Top).Select(m => m.Target).Where(t => !t.StartsWith(box.Store, StringComparison.Ordinal)));
    }

    [Fact]
    public void Umount_undoes_an_attachment_and_forgets_it()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Run("attach", "www", box.Root, "v:/a", src + ":/b").Ok();
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
        box.Run("detach", "www").Ok();
    }

    [Fact]
    public void A_volume_of_a_jail_can_be_removed_by_force_and_the_jail_detached_after()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/made/a", "w:/b").Ok();
        box.Run("rm", "v").Refused(75, box.Root + "/made/a");
        box.Run("rm", "-f", "v").Ok();
        Assert.Equal(["w"], box.Volumes);
        Assert.Single(box.Mounts);
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void What_a_jail_was_given_recursively_goes_as_one()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        Sys.Mkdir(src + "/inner");
        Sys.Mount("tmpfs", src + "/inner", "tmpfs", 0);
        var seen = new HashSet<int>();
        for (var which = 1; Killed.At(box, "renameat", which, "attach", "www", box.Root, src + ":/h:recursive"); which++)
        {
            seen.Add(box.Mounts.Count);
            box.Run("detach", "www", box.Root).Ok();
            Assert.Empty(box.Mounts);
        }

        Assert.Equal([0, 2], seen.Order());
        box.Run("detach", "www", box.Root).Ok();
        box.Run("attach", "www", box.Root, src + ":/h:recursive").Ok();
        Assert.Equal(2, box.Mounts.Count);
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Killed_in_the_middle_of_detach_a_repeat_finishes()
    {
        using var box = new Box();
        for (var which = 1; which <= 3; which++)
        {
            box.Run("attach", "www", box.Root, "v:/a", "w:/a/b", "x:/c").Ok();
            Assert.True(Killed.At(box, "umount2", which, "detach", "www", box.Root));
            Assert.Equal(4 - which, box.Mounts.Count);
            box.Run("detach", "www").Ok();
            Assert.Empty(box.Mounts);
            Assert.Empty(Sys.List(box.Root));
        }
    }
}
