using System;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Whatever happens in the middle: afterwards the volume is empty or complete.</summary>
public class Crash
{
    [Theory]
    [InlineData("tmpfs", 12)]
    [InlineData("ext4", 8)]
    public void Killed_at_any_moment_a_volume_is_empty_or_complete_and_the_next_mount_completes_it(string type, int rounds)
    {
        var random = new Random(4711);
        using var box = new Box(type);
        Big(2000).Build(box.Root + "/data");
        var original = Manifest.Of(box.Root + "/data", holes: false);
        // How long one takes says where to aim; nothing is asserted about time.
        var started = DateTime.UtcNow;
        box.Mount("probe:/data").Ok();
        var length = (DateTime.UtcNow - started).TotalMilliseconds;
        box.Umount().Ok();
        var inTheMiddle = 0;
        for (var i = 0; i < rounds || inTheMiddle == 0; i++)
        {
            Assert.True(i < 20 * rounds, $"{i} kills, and none hit the middle of a seeding");
            var name = "v" + i;
            using (var child = box.Start("mount", box.Root, name + ":/data"))
            {
                Thread.Sleep((int)(random.NextDouble() * length));
                child.Signal(9);
                child.Wait();
            }

            inTheMiddle += IsHalfSeeded(box, name) ? 1 : 0;
            if (Sys.Exists(box.Data(name)) && Sys.List(box.Data(name)).Count > 0)
            {
                original.MustEqual(Manifest.Of(box.Data(name), holes: false));
            }

            box.Mount(name + ":/data").Ok();
            original.MustEqual(Manifest.Of(box.Root + "/data", holes: false));
            Assert.Single(box.Mounts);
            box.Umount().Ok();
            box.Run("rm", name).Ok();
            Assert.DoesNotContain(Sys.List(box.Store + "/volumes"), n => n.Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_a_crash_left_is_not_in_the_way_of_rm()
    {
        using var box = new Box();
        Big(2000).Build(box.Root + "/data");
        for (var attempt = 0; !IsHalfSeeded(box, "v"); attempt++)
        {
            Assert.True(attempt < 20, "the kill came too late twenty times");
            box.Umount().Ok();
            box.Run("rm", "-f", "v");
            using var child = box.Start("mount", box.Root, "v:/data");
            WaitUntil(() => child.HasExited || IsHalfSeeded(box, "v"));
            child.Signal(9);
            child.Wait();
        }

        box.Umount().Ok();
        box.Run("rm", "v").Ok();
        Assert.Empty(box.Volumes);
        box.Run("create", "v").Ok();
        Assert.Empty(Sys.List(box.Data("v")));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    public void An_interrupted_seeding_is_undone(int signal)
    {
        using var box = new Box();
        Big(6000).Build(box.Root + "/data");
        var before = box.State();
        for (var attempt = 0; ; attempt++)
        {
            // Whoever started the suite in the background made it ignore SIGINT, and that is inherited.
            using var child = new Running("env", ["--default-signal=INT", Box.Binary, "mount", box.Root, "first:/a/b", "v:/data"],
                box.Environment, box.Top);
            WaitUntil(() => child.HasExited || Sys.Exists(box.Store + "/volumes/v"));
            child.Signal(signal);
            if (child.Wait().Exit != 0)
            {
                break;
            }

            Assert.True(attempt < 20, "the signal came too late twenty times");
            box.Umount().Ok();
            box.Run("rm", "first", "v").Ok();
        }

        Assert.Equal(before, box.State());
        box.Mount("v:/data").Ok();
    }

    [Theory]
    [InlineData("tmpfs", false)]
    [InlineData("ext4", false)]
    [InlineData("ext4", true)]
    public void A_full_disk_leaves_nothing_behind(string type, bool existing)
    {
        using var box = new Box();
        new Tree([.. Enumerable.Range(0, 40).Select(i => new Noise($"f{i}", 1 << 20, i))]).Build(box.Root + "/data");
        Sys.Mkdir(box.Top + "/small");
        if (type == "tmpfs")
        {
            Sys.Mount("tmpfs", box.Top + "/small", "tmpfs", 0, "size=16m");
        }
        else
        {
            Disks.Format(type, box.Top + "/small", "24M");
        }

        var store = box.Top + "/small/kvol";
        if (existing)
        {
            box.Run("--root", store, "create", "v").Ok();
        }

        var roots = Manifest.Of(box.Root);
        var result = box.Run("--root", store, "mount", box.Root, "v:/data");
        Assert.NotEqual(0, result.Exit);
        Assert.StartsWith("kvol: ", result.Err);
        Assert.Contains("space", result.Err, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(box.Mounts);
        roots.MustEqual(Manifest.Of(box.Root));
        Assert.Equal(existing ? ["v"] : [], box.Run("--root", store, "ls", "-q").Ok().Lines);
        if (existing)
        {
            Assert.Empty(Sys.List(store + "/volumes/v/data"));
        }

        Assert.True(new System.IO.DriveInfo(box.Top + "/small").AvailableFreeSpace > 8 << 20, "something is left");
    }

    private static Tree Big(int files) => new(
        [.. Enumerable.Range(0, 40).Select(i => new Dir($"d{i}")),
            .. Enumerable.Range(0, files).Select(i => new Text($"d{i % 40}/f{i}", "content " + i)), new HardLink("link", "d1/f1")]);

    /// <summary>Whether some of what is copied lies in the volume's directory, where nobody sees it before it is complete.</summary>
    private static bool IsHalfSeeded(Box box, string volume)
    {
        var staging = $"{box.Store}/volumes/{volume}/.seeding";
        return Sys.Exists(staging) && Sys.List(staging).Count > 0;
    }

    private static void WaitUntil(Func<bool> condition)
    {
        for (var i = 0; i < 100_000 && !condition(); i++)
        {
            Thread.Sleep(1);
        }
    }
}
