using System;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A pool that is full, read-only, suspended or gone: one line that says so, and nothing lost or half done.</summary>
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
    public void A_suspended_pool_is_said_to_be_suspended()
    {
        using var box = new ZfsBox();
        // A disk that takes no more writes: a sparse file on a file system that is full.
        box.Shell("mkdir $T/small && mount -t tmpfs -o size=96M none $T/small && truncate -s 256M $T/small/disk && zpool create -O compression=off -O mountpoint=/dead dead $T/small/disk"
            + " && $KVOL --root dead/kvol create web").Ok();
        using var writer = box.StartShell("head -c 120M /dev/urandom >/dead/kvol/volumes/web/x; sync");
        box.Shell("for i in $(seq 200); do [ \"$(zpool list -H -o health dead)\" = SUSPENDED ] && exit; sleep 0.3; done; zpool status dead; exit 1").Ok();
        using (var create = box.StartShell("$KVOL --root dead/kvol create other"))
        {
            create.Wait(120).Refused(75, "suspended", "zpool clear");
        }

        box.Shell("mount -o remount,size=400M $T/small && zpool clear dead").Ok();
        writer.Wait(300);
        box.Shell("zpool destroy -f dead; umount $T/small").Ok();
    }

    [Fact]
    public void A_host_without_the_module_or_the_library_says_what_to_do()
    {
        using var box = new ZfsBox();
        box.Shell("unshare -m sh -c 'mount -t tmpfs none /dev && $KVOL ls'").Refused(69, "/dev/zfs", "modprobe");
        box.Shell("find / -xdev -name 'libnvpair.so*' -o -xdev -name 'libzfs_core.so*' >$T/libs; test -s $T/libs").Ok();
        box.Shell("unshare -m sh -c 'for f in $(cat $T/libs); do mount --bind /dev/null $f; done; $KVOL create x'").Refused(69, "not installed");
    }
}
