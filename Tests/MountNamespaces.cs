using System;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A volume that some process has mounted stays, wherever its mount is; Linux's mount_namespaces(7).</summary>
[Trait("System", "Linux")]
public class MountNamespaces
{
    [Theory]
    [InlineData("namespace")]
    [InlineData("chroot")]
    [InlineData("thread")]
    [InlineData("user")]
    [InlineData("survivor")]
    public void A_volume_mounted_in_another_namespace_stays(string place)
    {
        using var box = Filled();
        using (var holder = Start(box, place))
        {
            AssertStays(box, box.Run, holder.Pid, place);
        }

        box.Run("rm", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Theory]
    [InlineData("namespace")]
    [InlineData("chroot")]
    [InlineData("thread")]
    [InlineData("user")]
    [InlineData("survivor")]
    public void A_kernel_that_lists_no_mounts_is_asked_from_inside_the_namespace(string place)
    {
        using var box = Filled();
        using (var holder = Start(box, place))
        {
            AssertStays(box, arguments => Confined.RunOld(box, arguments), holder.Pid, place);
        }

        Confined.RunOld(box, "rm", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Mounts_of_other_namespaces_are_shown_with_a_process_and_once()
    {
        using var box = Filled();
        box.Mount("v:/here").Ok();
        using var first = Start(box, "namespace"); // it has a copy of the mount on /here too
        Assert.Equal("2", box.Run("ls", "-H").Ok().Lines.Single().Split('\t')[2]);
        var mounts = box.Inspect("v").GetProperty("mountpoints").EnumerateArray()
            .ToDictionary(m => m.GetProperty("path").GetString()!, m => m.GetProperty("pid"));
        Assert.Equal(2, mounts.Count);
        Assert.Equal(JsonValueKind.Null, mounts[box.Root + "/here"].ValueKind);
        Assert.Equal(first.Pid, mounts[box.Top + "/jail/srv"].GetInt32());
        Assert.Contains($"{box.Top}/jail/srv (pid {first.Pid})", box.Run("mounts").Ok().Out, StringComparison.Ordinal);
        Assert.Single(box.Run("mounts", "-H").Ok().Lines);
        box.Umount().Ok();
        Assert.Equal(["v"], box.Run("ls", "-q", "--filter", "mounted=true").Ok().Lines);
    }

    [Fact]
    public void A_file_system_that_another_namespace_mounted_inside_a_volume_keeps_it()
    {
        using var box = Filled();
        box.MakeDir("jail");
        box.MakeDir("jail/cell");
        Sys.Mkdir(box.Data("v") + "/inner");
        using (var holder = Confined.Start(box, "namespace", box.MakeDir("foreign"), box.Data("v") + "/inner", box.Top + "/jail/cell"))
        {
            AssertStays(box, box.Run, holder.Pid, "namespace");
        }

        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void The_way_out_that_a_refusal_names_works()
    {
        using var box = Filled();
        using var holder = Start(box, "chroot");
        var way = box.Run("rm", "v").Refused(75).Err.Split("unmount it there: ")[1].Trim();
        Assert.Equal($"nsenter -t {holder.Pid} -m umount {box.Top}/jail/srv", way);
        box.Shell(way).Ok();
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void A_mount_in_a_namespace_of_the_command_alone_is_told()
    {
        using var box = new Box();
        Assert.Empty(box.Mount("-q", "v:/data").Ok().Err);
        Assert.DoesNotContain("of its own", box.Run("doctor").Out, StringComparison.Ordinal);
        const string Alone = "unshare --mount --propagation private \"$KVOL\" ";
        Assert.Contains("mount namespace of its own", box.Shell(Alone + "mount \"$R\" w:/x").Ok().Err, StringComparison.Ordinal);
        Assert.Contains("mount namespace of its own", box.Shell(Alone + "doctor").Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lazy", "cwd")]
    [InlineData("lazy-survivor", "cwd")]
    [InlineData("descriptor", "descriptor ")]
    public void A_process_holds_a_volume_on_a_mount_without_a_place(string how, string by)
    {
        using var box = Filled();
        using (var holder = Start(box, how))
        {
            AssertStays(box, box.Run, holder.Pid, how);
            box.Run("rm", "v").Refused(75, $"pid {holder.Pid} (", $") by its {by}", $"kill {holder.Pid}");
        }

        box.Run("rm", "-f", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Theory]
    [InlineData("lazy")]
    [InlineData("descriptor")]
    public void A_process_elsewhere_on_the_same_file_system_does_not_hold_it(string how)
    {
        using var box = Filled();
        box.MakeDir("jail");
        box.MakeDir("jail/cell");
        using var holder = Confined.Start(box, how, box.MakeDir("unrelated"), box.MakeDir("jail/srv"), box.Top + "/jail/cell");
        box.Run("rm", "v").Ok();
    }

    private static Box Filled()
    {
        var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Write(box.Data("v") + "/precious", []);
        return box;
    }

    private static Running Start(Box box, string place)
    {
        box.MakeDir("jail");
        box.MakeDir("jail/cell");
        return Confined.Start(box, place, box.Data("v"), box.MakeDir("jail/srv"), box.Top + "/jail/cell");
    }

    private static void AssertStays(Box box, Func<string[], Result> run, int pid, string place)
    {
        // A thread is named by its own number.
        var name = place is "thread" or "survivor" ? "pid " : $"pid {pid} (confined)";
        run(["rm", "v"]).Refused(75, "v", name);
        run(["rm", "-f", "v"]).Refused(75, "v", name);
        run(["rename", "v", "w"]).Refused(75, "v", name);
        Assert.DoesNotContain("v", run(["prune", "--all", "-y"]).Out.Split('\n'));
        Assert.True(Sys.Exists(box.Data("v") + "/precious"));
        Assert.Equal(["v"], box.Volumes);
    }
}
