using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A mount that another one hides is called covered, and stays kvol's; FreeBSD unmounts it by its id all the same.</summary>
[Trait("System", "Linux")]
public class CoveredMounts
{
    [Theory]
    [InlineData("umount")]
    [InlineData("umount", "/srv/www")]
    [InlineData("umount", "/srv/www/in")]
    public void It_is_refused_with_the_mount_that_covers_it_until_that_is_gone(string verb, params string[] destinations)
    {
        using var box = new Box();
        box.Mount("v:/srv/www", "w:/srv/www/in").Ok();
        box.Shell("mount -t tmpfs t \"$R/srv\"").Ok();
        var (exit, _, error) = box.Run([verb, box.Root, .. destinations]);
        Assert.Equal(75, exit);
        Assert.Contains($"is covered by another mount on {box.Root}/srv (tmpfs); unmount that first: umount {box.Root}/srv", error,
            StringComparison.Ordinal);
        box.Shell("umount \"$R/srv\"").Ok();
        box.Run("umount", box.Root).Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("mount -t tmpfs t")]
    [InlineData("mount --bind \"$R\"")]
    public void One_below_a_mount_on_the_root_directory_is_not_passed_over(string cover)
    {
        using var box = new Box();
        box.Mount("v:/srv/www").Ok();
        box.Shell($"{cover} \"$R\"").Ok();
        var (exit, _, error) = box.Umount();
        Assert.Equal(75, exit);
        Assert.Contains("is covered by another mount", error, StringComparison.Ordinal);
        box.Shell("umount \"$R\"").Ok();
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_jail_whose_mount_is_covered_stays_attached()
    {
        using var box = new Box();
        box.Run("attach", "j", box.Root, "v:/srv/www").Ok();
        box.Shell("mount -t tmpfs t \"$R/srv\"").Ok();
        box.Run("detach", "j").Refused(75, "is covered by another mount", "unmount that first");
        box.Shell("umount \"$R/srv\"").Ok();
        box.Run("detach", "j").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_mount_beside_the_way_covers_nothing()
    {
        using var box = new Box();
        box.Mount("v:/srv/www").Ok();
        box.Shell("mkdir \"$R/srv/ww\" && mount -t tmpfs t \"$R/srv/ww\"").Ok();
        box.Umount().Ok();
        Assert.Equal($"{box.Root}/srv/ww", Assert.Single(box.Mounts).Target);
    }
}
