using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A jail claims the very mounts that it was given, never a later one at the same place.</summary>
public class Claims
{
    [Theory]
    [InlineData("rm -f")]
    [InlineData("rm -f --keep 1h")]
    [InlineData("umount(8)")]
    [InlineData("kvol umount")]
    public void A_jail_whose_mount_is_gone_does_not_keep_the_next_one_at_that_place(string way)
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "web:/www", "other:/other").Ok();
        switch (way)
        {
            case "umount(8)":
                Tool.Run("umount", box.Root + "/www");
                break;
            case "kvol umount":
                box.Run("umount", box.Root, "/www").Ok();
                break;
            default:
                box.Run([.. way.Split(' '), "web"]).Ok();
                break;
        }

        box.Run("attach", "one", box.Root, "web:/www").Ok();
        box.Run("detach", "one").Ok();
        Assert.Equal([box.Root + "/other"], box.Mounts.Select(m => m.Target));
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void Rm_f_leaves_no_record_of_its_mounts_and_umount_of_them_is_a_success()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "web:/www", "web:/again").Ok();
        box.Run("rm", "-f", "web").Ok();
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
        Assert.Empty(Sys.List(box.Root));
        box.Umount("/www").Ok();
        box.Umount("/again").Ok();
        box.Run("detach", "www", box.Root).Ok();
    }

    [Fact]
    public void What_two_jails_were_given_stays_until_both_are_detached()
    {
        using var box = new Box();
        box.Run("attach", "one", box.Root, "web:/www").Ok();
        box.Run("attach", "two", box.Root, "web:/www").Ok();
        box.Run("attach", "three", box.Root, "web:/www").Ok();
        box.Run("attach", "one", box.Root, "web:/www").Ok();
        box.Run("detach", "one").Ok();
        Assert.Equal([box.Root + "/www"], box.Mounts.Select(m => m.Target));
        box.Run("detach", "three").Ok();
        Assert.Equal([box.Root + "/www"], box.Mounts.Select(m => m.Target));
        Assert.Contains("\ttwo\t", box.Run("mounts", "-H").Ok().Out, StringComparison.Ordinal);
        box.Run("detach", "two").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_failed_attach_takes_over_no_mount_that_was_there()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Mount("web:/www", src + ":/src").Ok();
        box.Run("attach", "two", box.Root, "web:/www", src + ":/src", box.Top + "/absent:/m").Refused(66, "absent");
        box.Run("detach", "two").Ok();
        Assert.Equal(2, box.Mounts.Count);
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }
}
