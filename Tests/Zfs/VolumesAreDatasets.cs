using System;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The whole life of a volume in a ZFS store.</summary>
[Trait("Needs", "Machine")]
public class VolumesAreDatasets
{
    [Fact]
    public void A_volume_is_created_listed_inspected_and_removed()
    {
        using var box = new ZfsBox();
        Assert.Equal("web\n", box.Kvol("create", "web", "-l", "tier=front", "--quota", "64M", "-o", "compression=zstd-3", "-o",
            "org.example:note=hello world").Ok().Out);
        Assert.Equal("filesystem|on|67108864|zstd-3|hello world|front|false", box.Shell(
            "zfs get -H -p -o value type,canmount,refquota,compression,org.example:note,kvol:label.tier,kvol:anonymous $V/web | paste "
                + "-sd'|'").Ok().Out.Trim());
        Assert.Equal("yes", box.Get("mounted", "$V/web"));
        var volume = box.Inspect("web");
        Assert.Equal("zfs", volume.GetProperty("driver").GetString());
        Assert.Equal($"{box.Pool}/kvol/volumes/web", volume.GetProperty("dataset").GetString());
        Assert.Equal($"/{box.Pool}/kvol/volumes/web", volume.GetProperty("mountpoint").GetString());
        Assert.Equal("front", volume.GetProperty("labels").GetProperty("tier").GetString());
        Assert.Equal("empty", volume.GetProperty("state").GetString());
        Assert.Equal(67108864, volume.GetProperty("quota").GetInt64());
        Assert.True(volume.GetProperty("mounted").GetBoolean());
        Assert.Equal("web\n", box.Kvol("create", "web", "-l", "tier=back").Ok().Out);
        Assert.Equal("front", box.Get("kvol:label.tier", "$V/web"));
        Assert.Matches("^[0-9a-f]{12}\n$", box.Kvol("create").Ok().Out);
        Assert.Equal(2, box.Kvol("ls", "-q").Ok().Lines.Length);
        Assert.Equal("web\n", box.Kvol("rm", "web").Ok().Out);
        Assert.NotEqual(0, box.Shell("zfs list $V/web").Exit);
        Assert.NotEqual(0, box.Shell("ls -d /$V/web").Exit);
        box.Kvol("rm", "web").Refused(66, "no such volume");
        Assert.Single(box.Kvol("prune", "-y").Ok().Lines);
        Assert.Empty(box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void The_first_mount_creates_and_seeds_and_the_second_root_shares()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        var before = box.Manifest("$R/srv");
        var mounted = JsonDocument.Parse(box.Mount("web:/srv", "--json").Ok().Out).RootElement[0];
        Assert.True(mounted.GetProperty("volume_created").GetBoolean());
        Assert.True(mounted.GetProperty("seeded").GetProperty("files").GetInt32() > 20);
        Assert.Equal(before, box.Manifest("$R/srv"));
        Assert.Equal(before, box.Manifest("/$V/web"));
        Assert.Equal("ready", box.Inspect("web").GetProperty("state").GetString());
        Assert.Equal(box.Top + "/root/srv", box.Inspect("web").GetProperty("seed").GetProperty("source").GetString());
        Assert.True(JsonDocument.Parse(box.Mount("web:/srv", "--json").Ok().Out).RootElement[0].GetProperty("already_mounted")
            .GetBoolean());
        box.Shell("mkdir $T/other && $KVOL mount $T/other web:/data:ro && cat $T/other/data/file1 && ! touch $T/other/data/x").Ok();
        Assert.Equal(2, box.Inspect("web").GetProperty("mountpoints").GetArrayLength());
        Assert.Equal(2, box.Kvol("mounts", "-H").Ok().Lines.Length);
        box.Kvol("rm", "web").Refused(75, "mounted on");
        box.Umount().Ok();
        box.Kvol("rm", "web").Refused(75, "/data");
        box.Kvol("rm", "-f", "web").Ok();
        Assert.Equal("", box.Shell("findmnt -rn | grep $P/kvol/volumes/ || true").Ok().Out);
    }

    [Fact]
    public void Listing_leaves_nothing_in_the_history_of_the_pool()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create a >/dev/null && $KVOL create b >/dev/null && zpool sync $P && zpool history -il $P >$T/before").Ok();
        box.Shell("$KVOL ls; $KVOL ls --json; $KVOL ls -q; $KVOL inspect a b; $KVOL mounts; $KVOL doctor; zpool sync $P; zpool history "
            + "-il $P >$T/after").Ok();
        Assert.Equal("", box.Shell("diff $T/before $T/after").Out);
    }

    [Theory]
    [InlineData("create v", "1 ZFS_IOC_CREATE,3 ZFS_IOC_OBJSET_STATS,1 ZFS_IOC_POOL_GET_PROPS")]
    [InlineData("ls", "4 ZFS_IOC_DATASET_LIST_NEXT,1 ZFS_IOC_OBJSET_STATS,1 ZFS_IOC_POOL_GET_PROPS")]
    public void A_verb_asks_the_kernel_as_little_as_can_be(string verb, string calls)
    {
        using var box = new ZfsBox();
        box.Shell($"for v in a b c; do $KVOL create $v; done; strace -f -e trace=ioctl,openat -o $T/calls $KVOL {verb}").Ok();
        Assert.Equal(calls, box.Shell("grep -o 'ZFS_IOC_[A-Z_]*' $T/calls | sort | uniq -c | sed 's/^ *//' | paste -sd,").Ok().Out.Trim());
        Assert.Equal("", box.Shell("grep -E 'libcrypto|libssl' $T/calls || true").Ok().Out);
        Assert.Equal(verb == "ls" ? "" : "libzfs_core", box.Shell("grep -v ENOENT $T/calls | grep -o libzfs_core || true").Ok().Out.Trim());
    }

    [Fact]
    public void As_many_volumes_as_are_there_are_listed()
    {
        var volumes = (int)Campaign.Size("ZFS_VOLUMES", 120);
        using var box = new ZfsBox("-O compression=off");
        // Some at once: a transaction group takes as long for four as for one.
        box.Shell($"seq -f v%g {volumes} | xargs -n1 -P4 $KVOL create >/dev/null", 1500).Ok();
        Assert.Equal(volumes, box.Kvol("ls", "-q").Ok().Lines.Length);
        Assert.Equal(["empty"], box.Kvol("ls", "-H").Ok().Lines.Select(l => l.Split('\t')[1]).Distinct());
        box.Shell("zpool export $P && zpool import -N -d $T $P").Ok();
        // not one is mounted, so not one is said to be empty
        Assert.Equal(["ready"], box.Kvol("ls", "-H").Ok().Lines.Select(l => l.Split('\t')[1]).Distinct());
    }
}
