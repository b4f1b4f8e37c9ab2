using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A record in the run directory that cannot be used counts as lost: it is named, and stops no other jail.</summary>
public class DamagedRunRecords
{
    [Theory]
    [InlineData("text")]
    [InlineData("empty")]
    [InlineData("other JSON")]
    [InlineData("directory")]
    [InlineData("link")]
    [InlineData("fifo")]
    public void Doctor_names_it_and_what_to_type_and_other_jails_go_on(string kind)
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "v:/v").Ok();
        var record = box.Top + "/run/roots/" + Sys.List(box.Top + "/run/roots").Single();
        Assert.DoesNotContain("run record", box.Run("doctor").Out, StringComparison.Ordinal);
        Damage(record, kind);
        var said = box.Run("doctor");
        Assert.Equal(69, said.Exit);
        var line = said.Lines.Single(l => l.StartsWith("BAD  run record: " + record, StringComparison.Ordinal));

        box.Run("attach", "two", other, "w:/w").Ok();
        box.Run("mounts").Ok();
        box.Run("detach", "two").Ok();
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(other));

        box.Shell(line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]).Ok();
        Assert.DoesNotContain("run record", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("chown 1000 \"$0\"")]
    [InlineData("chmod 666 \"$0\"")]
    public void Doctor_names_a_record_that_others_than_root_can_change(string change)
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/v").Ok();
        var record = box.Top + "/run/roots/" + Sys.List(box.Top + "/run/roots").Single();
        Tool.Run("sh", "-c", change, record);
        var line = box.Run("doctor").Lines.Single(l => l.StartsWith("BAD  run record: " + record, StringComparison.Ordinal));
        box.Shell(line[(line.LastIndexOf("then: ", StringComparison.Ordinal) + 6)..]).Ok();
        Assert.DoesNotContain("run record", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("detach", "www").Ok();
    }

    [Fact]
    [Trait("System", "Linux")]
    public void Doctor_says_that_a_PID_namespace_hides_mounts()
    {
        using var box = new Box();
        var hidden = Sys.ReadLink("/proc/self/ns/pid") != "pid:[4026531836]";
        Assert.Equal(hidden, box.Run("doctor").Out.Contains("ok   PID namespace: kvol sees only the processes", StringComparison.Ordinal));
        using var inside = new Running("unshare", ["--pid", "--fork", "--mount-proc", Box.Binary, "doctor"], box.Environment, box.Top);
        Assert.Contains("ok   PID namespace: kvol sees only the processes", inside.Wait().Out, StringComparison.Ordinal);
    }

    private static void Damage(string record, string kind)
    {
        File.Delete(record);
        switch (kind)
        {
            case "directory":
                Sys.Mkdir(record);
                break;
            case "link":
                Sys.Symlink("/etc/hostname", record);
                break;
            case "fifo":
                Tool.Run("mkfifo", "-m", "600", record);
                break;
            default:
                Sys.Write(record, kind == "text" ? "{ \"boot\": "u8.ToArray() : kind == "empty" ? [] : "[1]"u8.ToArray());
                Sys.Chmod(record, 0b110_000_000);
                break;
        }
    }
}
