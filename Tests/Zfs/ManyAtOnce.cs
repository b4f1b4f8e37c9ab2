using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Twenty processes and one new volume.</summary>
[Trait("Needs", "Machine")]
public class ManyAtOnce
{
    [Fact]
    public void Twenty_processes_mount_the_same_new_volume_and_one_seeds()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 200);
        box.Shell("for i in $(seq 20); do cp -a $R $T/root$i; done").Ok();
        var before = box.Manifest("$T/root1/srv");
        var running = Enumerable.Range(1, 20).Select(i => box.StartKvol("mount", $"{box.Top}/root{i}", "web:/srv", "--json")).ToArray();
        var results = running.Select(r => r.Wait(600).Ok().Out).ToArray();
        Assert.Equal(1, results.Count(r => r.Contains("\"files\"", System.StringComparison.Ordinal)));
        Assert.Equal(1, results.Count(r => r.Contains("\"volume_created\": true", System.StringComparison.Ordinal)));
        for (var i = 1; i <= 20; i += 6)
        {
            Assert.Equal(before, box.Manifest($"$T/root{i}/srv"));
        }

        Assert.Equal(20, box.Kvol("mounts", "-H").Ok().Lines.Length);
        box.Shell("for i in $(seq 20); do $KVOL umount $T/root$i || exit; done; findmnt -rn | grep -c $T/root || true").Ok();
        box.Kvol("rm", "web").Ok();
    }
}
