using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A mount that kvol did not make stays, also when the kernel gave it the id of one that kvol made; Linux hands out the lowest id
/// that is free.</summary>
[Trait("System", "Linux")]
public class ForeignMounts
{
    [Theory]
    [InlineData("$KVOL mount $R $PWD/h:/hh", "$KVOL umount $R")]
    [InlineData("$KVOL attach jj $R $PWD/h:/hh", "$KVOL detach jj $R")]
    [InlineData("$KVOL attach jj $R $PWD/h:/hh", "$KVOL detach jj")]
    public void The_administrators_bind_of_the_same_source_stays(string mount, string undo)
    {
        using var box = new Box();
        box.Shell($"""
            mkdir h; {mount} || exit 2
            umount "$R/hh"; mkdir -p "$R/mine"; mount --bind h "$R/mine" || exit 3
            {undo} || exit 4
            mountpoint -q "$R/mine" || exit 5
            umount "$R/mine"
            """).Ok();
    }

    [Fact]
    public void The_administrators_bind_of_the_same_source_stays_where_the_root_directory_is_gone()
    {
        using var box = new Box();
        box.Shell("""
            mkdir h other j; $KVOL attach jj "$PWD/j" "$PWD/h:/hh" || exit 2
            umount j/hh; mount --bind h other; rm -r --one-file-system j
            $KVOL gc || exit 3
            $KVOL detach jj || exit 4
            mountpoint -q other || exit 5
            umount other
            """).Ok();
    }

    [Fact]
    public void What_was_mounted_inside_a_recursive_mount_later_stays()
    {
        using var box = new Box();
        box.Shell("""
            mkdir -p h/in; mount -t tmpfs a h/in; $KVOL mount "$R" "$PWD/h:/hh:recursive" || exit 2
            umount "$R/hh/in"; mkdir "$R/hh/foreign"; mount -t tmpfs foreign "$R/hh/foreign"; echo precious >"$R/hh/foreign/p"
            $KVOL umount "$R"; test $? = 75 || exit 3
            test "$(cat "$R/hh/foreign/p")" = precious || exit 4
            umount "$R/hh/foreign"; $KVOL umount "$R" || exit 5
            umount h/in
            """).Ok();
    }

    [Fact]
    public void A_mount_whose_place_a_jail_moved_is_still_kvols()
    {
        using var box = new Box();
        box.Shell("""
            mkdir -p h "$R/a"; $KVOL attach jj "$R" "$PWD/h:/a/hh" || exit 2
            mv "$R/a" "$R/b"; $KVOL detach jj "$R" || exit 3
            grep -q "$R" /proc/self/mountinfo && exit 4
            exit 0
            """).Ok();
    }

    [Fact]
    public void An_attach_that_was_refused_takes_no_mount_from_the_jail_that_has_it()
    {
        using var box = new Box();
        box.Run("attach", "one", box.Root, "web:/www").Ok();
        box.Run("attach", "two", box.Root, "other:/www").Refused(75, "/www");
        Assert.DoesNotContain("two", box.Run("mounts").Ok().Out, StringComparison.Ordinal);
        box.Run("detach", "one").Ok();
        Assert.Empty(MountInfo.Below(box.Root));
    }
}
