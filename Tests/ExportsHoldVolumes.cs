using System;
using System.IO;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>While a volume is exported nobody takes it away, and no jail waits.</summary>
[Trait("System", "Linux")]
public class ExportsHoldVolumes
{
    [Fact]
    public void What_would_take_a_volume_away_is_refused_while_it_is_exported()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        new Tree(new Noise("big", 4 << 20, 1)).Build(box.Data("v"));
        box.Run("snapshot", "v@s").Ok();
        using var export = Start(box, "v");
        var pid = ReaderOf(box);
        foreach (var command in (string[][])
            [["rm", "v"], ["rm", "-f", "v"], ["rm", "--keep", "1000", "v"], ["rename", "v", "w"], ["rollback", "v@s"], ["rm", "v@s"]])
        {
            box.Run(command).Refused(75, "v: is being exported by pid " + pid, "kill " + pid);
        }

        box.MakeDir("root/srv");
        box.Mount("v:/srv").Ok();
        box.Umount().Ok();
        box.Run("clone", "v", "w").Ok();
        box.Run("set", "v", "label.a=b").Ok();
        box.Shell("timeout 60 tail -c +65537 pipe | tar -t >list").Ok();
        Assert.Equal(0, export.Wait().Exit);
        Assert.Contains("./big", File.ReadAllLines(box.Top + "/list"));
        box.Run("rename", "v", "x").Ok();
        box.Run("rm", "-f", "x").Ok();
        Assert.DoesNotContain(Sys.List(box.Top + "/run/locks"), n => n.StartsWith("read-"));
    }

    [Fact]
    public void An_empty_volume_is_not_filled_while_it_is_exported()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        using var export = Start(box, "v");
        File.WriteAllBytes(box.Top + "/x.tar", new TarBytes().Add("f").End());
        box.Run("import", "--into", "v", "x.tar").Refused(75, "v: is being exported by pid ");
        box.Run("seed", "v", box.MakeDir("source")).Refused(75, "v: is being exported by pid ");
    }

    [Fact]
    public void A_killed_export_holds_nothing()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("big", 4 << 20, 1)).Build(box.Data("v"));
        using (Start(box, "v"))
        {
            Tool.Run("kill", "-9", ReaderOf(box));
        }

        box.Run("rm", "v").Ok();
        Assert.DoesNotContain(Sys.List(box.Top + "/run/locks"), n => n.StartsWith("read-"));
    }

    [Fact]
    public void Gc_removes_what_a_killed_export_left_in_the_run_directory_and_nothing_of_a_living_one()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("big", 4 << 20, 1)).Build(box.Data("v"));
        using (Start(box, "v"))
        {
            box.Run("gc").Ok();
            Assert.NotEqual("", ReaderOf(box));
            box.Run("rm", "v").Refused(75, "is being exported");
            Tool.Run("kill", "-9", ReaderOf(box));
        }

        // A living process that has the pid of the killed one does not keep its mark.
        var mark = Sys.List(box.Top + "/run/locks").Single(n => n.StartsWith("read-"));
        Sys.Rename($"{box.Top}/run/locks/{mark}", $"{box.Top}/run/locks/{mark.Split('@')[0]}@{Environment.ProcessId}");
        Assert.Contains("the command that read the volume was killed", box.Run("gc", "-n").Ok().Out, StringComparison.Ordinal);
        Assert.NotEqual("", ReaderOf(box));
        box.Run("gc").Ok();
        Assert.Equal("", ReaderOf(box));
    }

    /// <summary>An export into a pipe that is full and that nobody reads from, when it holds its volume.</summary>
    private static Running Start(Box box, string volume)
    {
        Tool.Run("mkfifo", box.Top + "/pipe");
        var export = box.StartShell($"exec 3<>pipe; head -c 65536 /dev/zero >&3; exec \"$KVOL\" export {volume} >pipe");
        while (ReaderOf(box).Length == 0)
        {
            Assert.False(export.HasExited);
            Thread.Sleep(5);
        }

        return export;
    }

    private static string ReaderOf(Box box)
    {
        var locks = box.Top + "/run/locks";
        return Sys.Exists(locks) && Sys.List(locks).FirstOrDefault(n => n.StartsWith("read-")) is { } name ? name.Split('@')[1] : "";
    }
}
