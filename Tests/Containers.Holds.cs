using System;
using System.IO;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>What ends a hold.</content>
public partial class Containers
{
    [Fact]
    public void A_hold_whose_container_never_came_ends_with_its_root_directory_or_by_hand()
    {
        using var box = Bundle(("1", "v:/v"), ("2", "w:/w"));
        // More than a pipe takes: it is killed while it prints.
        box.Shell("head -c 300000 /dev/zero | tr '\\0' ' ' >>config.json; mkfifo pipe; sleep 100 <>pipe >/dev/null 2>&1 & echo $! >pid")
            .Ok();
        using var killed = box.StartShell("exec \"$KVOL\" oci precreate <config.json >pipe");
        for (var i = 0; i < 600 && !(Sys.Exists(box.Top + "/run/holds") && Sys.List(box.Top + "/run/holds").Any(n => n[0] != '.')); i++)
        {
            Thread.Sleep(50);
        }

        killed.Signal(9);
        killed.Wait();
        box.Shell("kill $(cat pid)").Ok();
        Assert.Equal(["v", "w"], box.Volumes);
        box.Run("rm", "v").Refused(75, "is held by the container in " + box.Root);
        var id = box.Run("mounts", "-H").Ok().Lines[0].Split('\t')[3];
        Assert.Contains("no longer held", box.Run("detach", id).Ok().Err, StringComparison.Ordinal);
        box.Run("rm", "v").Ok();

        Precreate(box).Ok();
        Directory.Delete(box.Root, true);
        Assert.Contains("no longer held", box.Run("gc").Ok().Out, StringComparison.Ordinal);
        box.Run("rm", "v", "w").Ok();
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_hold_ends_with_the_mount_of_its_root_directory_and_not_with_the_next_one_there()
    {
        using var box = Bundle(("1", "v:/v"));
        box.Shell("mount -t tmpfs tmpfs $R").Ok();
        Precreate(box).Ok();
        box.Run("rm", "v").Refused(75);
        box.Shell("umount $R; mount -t tmpfs tmpfs $R").Ok();
        Precreate(box).Ok();
        Assert.Single(box.Run("mounts", "-H").Ok().Lines);
        box.Shell("umount $R").Ok();
        Assert.Empty(box.Run("mounts", "-H").Ok().Lines);
        Assert.Equal(2, box.Run("gc").Ok().Lines.Length);
        box.Run("rm", "v").Ok();
    }

    [Theory]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP\"}")]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP\",\"annotations\":null}")]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP/.\",\"annotations\":{\"a\":\"b\"}}")]
    public void Where_the_state_has_no_annotations_the_bundle_tells_the_hold(string state)
    {
        using var box = Bundle(("1", "v:/v"));
        box.MakeFile("config.json", Precreate(box).Ok().Out);
        box.Run("rm", "v").Refused(75);
        Poststop(box, state.Replace("TOP", box.Top)).Ok();
        box.Run("rm", "v").Ok();
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{\"id\":\"c\",\"bundle\":\"/nowhere\"}", 0)]
    [InlineData("{\"bundle\":\"TOP/run\"}", 0)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":\"0123456789ab\"}}", 0)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":\"../x\"}}", 64)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":7}}", 65)]
    [InlineData("{\"annotations\":[]}", 65)]
    [InlineData("{\"bundle\":\"TOP/fifo\"}", 65)]
    [InlineData("", 65)]
    [InlineData("[]", 65)]
    public void Without_a_hold_poststop_says_nothing_and_hostile_input_is_an_error(string state, int status)
    {
        using var box = new Box();
        box.Shell("mkdir fifo; mkfifo fifo/config.json").Ok();
        var said = Poststop(box, state.Replace("TOP", box.Top));
        if (status == 0)
        {
            Assert.Equal("", said.Ok().Err + said.Out);
        }
        else
        {
            said.Refused(status);
        }
    }
}
