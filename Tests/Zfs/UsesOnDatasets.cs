using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The records of last uses of a ZFS store, and what is made of them.</summary>
[Trait("Needs", "Machine")]
public class UsesOnDatasets
{
    [Fact]
    public void A_use_is_recorded_beside_the_volumes_and_in_no_property()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        box.Kvol("attach", "www", box.Top + "/root", "web:/srv", "old:/old").Ok();
        Assert.Equal("www", box.Inspect("web").GetProperty("last_jail").GetString());
        Assert.NotNull(box.Inspect("web").GetProperty("last_used").GetString());
        Assert.Equal("", box.Shell("zfs get -H -o property all $V/web | grep -i used | grep -v '^used\\|^logicalused' || true").Ok().Out);
        Assert.Equal("", box.Kvol("prune", "-n", "--all", "--unused", "0").Ok().Out);
        box.Kvol("detach", "www").Ok();

        Assert.Equal(["old", "web"], box.Kvol("ls", "-q", "--filter", "unused=0").Ok().Lines);
        Assert.Empty(box.Kvol("ls", "-q", "--filter", "unused=1d").Ok().Lines);
        Assert.Equal(["old", "web"], box.Kvol("prune", "-n", "--all", "--unused", "0").Ok().Lines);
        box.Kvol("rename", "web", "www").Ok();
        box.Kvol("prune", "-y", "--all", "--unused", "0", "--filter", "name=old").Ok();
        Assert.Equal(["www"], box.Kvol("ls", "-q").Ok().Lines);
        Assert.Equal("www\n", box.Shell("ls /$V/.kvol/used").Ok().Out);

        var metrics = box.Kvol("df", "--format", "prometheus").Ok().Lines;
        Assert.Contains(metrics, l => l.StartsWith($"kvol_volume_used_bytes{{store=\"{box.Pool}/kvol\",volume=\"www\"}} "));
        Assert.Contains(metrics, l => l.StartsWith($"kvol_store_free_bytes{{store=\"{box.Pool}/kvol\"}} "));
        Assert.Contains($"kvol_volume_state{{store=\"{box.Pool}/kvol\",volume=\"www\",state=\"ready\"}} 1", metrics);
        Assert.All(metrics.Where(l => !l.StartsWith('#')), l => Assert.True(double.Parse(l.Split(' ')[^1]) >= 0));
    }
}
