using System;
using System.Diagnostics;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Hosts and command lines that lack or exceed what kvol needs.</summary>
public class OddHosts
{
    [Theory]
    [InlineData("create w")]
    [InlineData("mount R v:/data")]
    [InlineData("umount R")]
    [InlineData("detach j")]
    [InlineData("rm v")]
    [InlineData("mounts")]
    [Trait("System", "Linux")]
    public void Without_proc_every_command_says_so_and_changes_nothing(string command)
    {
        using var box = new Box();
        box.MakeDir("root/data");
        box.Run("create", "v").Ok();
        box.Mount("v:/data").Ok();
        box.Umount().Ok();
        var before = box.State();
        var words = command.Replace("R", "\"$R\"", StringComparison.Ordinal);
        box.Shell($"unshare -m sh -c 'mount -t tmpfs none /proc && exec \"$@\"' sh \"$KVOL\" {words}")
            .Refused(69, "kvol: /proc: proc is not mounted", "mount -t proc proc /proc");
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void Paths_that_are_too_long_are_usage_errors()
    {
        using var box = new Box();
        var path = string.Concat(Enumerable.Repeat("/abcdefgh", 500));
        foreach (var result in new[] { box.Run("--root", path, "ls"), box.Run("mount", path, "v:/d"), box.Run("umount", path) })
        {
            Assert.True(result.Refused(64, "is too long").Err.Length < 400, result.Err);
        }
    }

    [Fact]
    public void A_long_spec_is_read_in_linear_time()
    {
        using var box = new Box();
        var clock = Stopwatch.StartNew();
        box.Mount(new string('a', 120_000) + ":/d").Refused(64);
        var one = clock.Elapsed;
        clock.Restart();
        box.Mount("v" + ":/d:ro:x").Refused(64);
        Assert.True(one < clock.Elapsed + TimeSpan.FromSeconds(1), $"{one}, and {clock.Elapsed} for a short one");
    }

    [Fact]
    public void A_label_that_is_not_UTF_8_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Shell("\"$KVOL\" create -l k=$'\\xff' w").Refused(64, "UTF-8");
        box.Shell("\"$KVOL\" set v label.k=$'\\xff'").Refused(64, "UTF-8");
        Assert.Equal(["v"], box.Volumes);
    }
}
