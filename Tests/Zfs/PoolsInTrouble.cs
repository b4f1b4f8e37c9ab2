using System;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A pool that is full or read-only, and a host without ZFS: one line that says so, and nothing lost or half done.</summary>
public class PoolsInTrouble
{
    [Fact]
    public void A_full_pool_leaves_the_volume_empty_and_a_quota_is_named()
    {
        using var box = new ZfsBox("-O compression=off", size: "96M");
        box.Shell("mkdir -p $R/srv && head -c 150M /dev/urandom >$R/srv/big").Ok();
        box.Mount("web:/srv").RefusedAny(73);
        Assert.Empty(box.Kvol("ls", "-q").Ok().Lines);
        box.Shell("$KVOL create small --quota 4M && rm $R/srv/big && head -c 8M /dev/urandom >$R/srv/big").Ok();
        box.Mount("small:/srv").RefusedAny(73);
        Assert.Equal("empty", box.Inspect("small").GetProperty("state").GetString());
        Assert.Equal("", box.Shell("ls -A /$V/small").Ok().Out);
        box.Shell("zfs set refquota=none $V/small").Ok();
        box.Mount("small:/srv").Ok();
        box.Shell("cmp $R/srv/big /$V/small/big").Ok();
    }

    [Fact]
    public void A_read_only_pool_is_listed_and_mounted_and_takes_no_change()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 5);
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        box.Kvol("create", "blank").Ok();
        box.Shell("zpool export $P && zpool import -o readonly=on -d $T $P").Ok();
        Assert.Equal(2, box.Kvol("ls", "-q").Ok().Lines.Length);
        box.Kvol("create", "x").RefusedAny(73);
        box.Kvol("rm", "web").RefusedAny(73);
        box.Mount("blank:/srv").RefusedAny(73);
        box.Mount("web:/srv:ro").Ok();
        box.Shell("cat $R/srv/file1").Ok();
        box.Umount().Ok();
    }

    [Fact]
    public void A_host_without_the_module_says_what_to_do()
    {
        using var box = new ZfsBox();
        box.Shell("unshare -m sh -c 'mount -t tmpfs none /dev && $KVOL ls'").Refused(69, "/dev/zfs", "modprobe");
    }
}
