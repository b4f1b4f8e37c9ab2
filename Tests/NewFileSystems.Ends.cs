using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public partial class NewFileSystems
{
    [Fact]
    public void When_the_jail_has_ended_gc_undoes_it_unless_it_is_busy()
    {
        using var box = new Box();
        using (var life = new Running("sleep", ["1000"]))
        {
            box.Run("attach", "--pid", life.Pid.ToString(), "www", box.Root, Tmp, "v:/tmp/v").Ok();
        }

        using (var holder = new Running("sleep", ["1000"], directory: box.Root + "/tmp"))
        {
            Assert.Equal(75, box.Run("gc").Exit);
            box.Umount().Refused(75, box.Root + "/tmp", "sleep");
            Assert.Equal([box.Root + "/tmp"], box.Mounts.Select(m => m.Target));
        }

        box.Run("gc").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    [Trait("System", "Linux")]
    public void One_that_a_killed_attach_left_goes_with_its_jail()
    {
        using var box = new Box();
        using (var life = new Running("sleep", ["1000"]))
        {
            Assert.True(Killed.At(box, "move_mount", 2, "attach", "--pid", life.Pid.ToString(), "www", box.Root, Tmp, "w:/w"));
            Assert.Equal([box.Root + "/tmp"], box.Mounts.Select(m => m.Target));
        }

        box.Run("gc").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Theory]
    [InlineData("fdescfs", "/dev/fd", "linrdlnk")]
    [InlineData("fdescfs", "/dev/fd", "ro")]
    [InlineData("linprocfs", "/compat/linux/proc", "nosuid")]
    [InlineData("linsysfs", "/compat/linux/sys", "noexec")]
    public void Those_of_FreeBSD_are_mounted_there_and_refused_elsewhere(string type, string destination, string option)
    {
        using var box = new Box();
        var spec = $"type={type},destination={destination},{option}";
        if (!Platform.IsFreeBSD)
        {
            box.Mount(spec, "v:/v").Refused(69, type, "FreeBSD");
            Assert.Empty(Sys.List(box.Root));
            return;
        }

        Assert.Contains($"mount -t {type} -o {option} {type} {box.Root}{destination}", box.Mount("-n", spec).Ok().Lines);
        box.Run("attach", "www", box.Root, spec).Ok();
        box.Run("attach", "www", box.Root, spec).Ok();
        box.Mount($"type={type},destination={destination},noexec,ro").Refused(75, destination);
        var mount = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement[0];
        Assert.Equal((type, type), (mount.GetProperty("type").GetString(), mount.GetProperty("source").GetString()));
        box.Mount($"type={type},destination=/x,noatime").Refused(64, "tmpfs only");
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }
}
