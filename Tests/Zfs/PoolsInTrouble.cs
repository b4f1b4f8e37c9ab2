using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A pool that is full or read-only, and a host without ZFS: one line that says so, and nothing lost or half done.</summary>
[Trait("Needs", "Machine")]
public class PoolsInTrouble
{
    [Fact]
    public void A_directory_store_on_a_dataset_at_its_quota_undoes_what_did_not_fit_and_names_what_makes_room()
    {
        using var box = new ZfsBox();
        box.Shell("zfs create -o quota=8M -o compression=off $P/small && mkdir -p $R/www $R/tiny && echo 1 >$R/tiny/f && "
            + "head -c 10M /dev/urandom >$R/www/file && $KVOL --root /$P/small/store init").Ok();
        const string Small = "export KVOL_ROOT=/$P/small/store; ";
        // ZFS frees what was deleted some seconds later, and refuses renames until then.
        box.Shell(Small + "$KVOL mount $R tiny:/tiny big:/www").Refused(73, "big");
        Assert.Equal("", box.Shell(Small + "$KVOL ls -q; findmnt -rno TARGET | grep ^$R/ || :").Ok().Out);

        box.Shell(Small + "$KVOL mount $R tiny:/tiny; $KVOL umount $R; head -c 20M /dev/urandom >/$P/small/store/volumes/tiny/data/big; "
            + "zpool sync $P; ! touch /$P/small/another").Ok();
        box.Shell(Small + "$KVOL rm tiny").Refused(73, "is full", "rm /", "/tiny/data/FILE");
        Assert.Equal("tiny\n", box.Shell(Small + "$KVOL ls -q").Ok().Out);
    }

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
    public void A_suspended_pool_is_said_by_every_verb_and_what_waited_for_it_goes_on_when_it_is_back()
    {
        using var box = new ZfsBox(init: false);
        // The disk is larger than the memory that it lies in: what is written beyond that fails, and the pool is suspended.
        box.Shell("zpool destroy $P && mkdir $T/small && mount -t tmpfs -o size=48M none $T/small && truncate -s 256M $T/small/disk && "
            + "zpool create -O compression=off $P $T/small/disk && mkdir -p $R/srv $T/other/srv"
            + " && $KVOL create empty && head -c 70M /dev/urandom >$R/srv/big && echo x >$T/other/srv/x").Ok();
        using var waiting = box.StartKvol("mount", box.Top + "/root", "web:/srv");
        box.Shell("until grep -q SUSPENDED /proc/spl/kstat/zfs/$P/state; do sleep 0.2; done").Ok();
        foreach (var verb in (string[])["ls", "ls -q", "inspect empty", "create more", "mount $T/other empty:/srv",
            "mount $T/other new:/srv", "umount $T/other", "rm empty", "prune -y", "seed empty $T/other/srv", "snapshot empty@s",
            "clone empty copy", "export empty -o $T/tar", "set empty quota=1M", "get empty", "df", "rename empty full", "mounts", "gc",
                "init"])
        {
            var result = box.Shell($"timeout -s KILL 60 $KVOL {verb} </dev/null");
            result.Refused(75, "suspended", "zpool clear");
            Assert.Single(result.Err.Trim().Split('\n'));
        }

        Assert.Contains("suspended", box.Shell("timeout -s KILL 60 $KVOL doctor").Out);
        box.Shell("mount -o remount,size=300M $T/small && zpool clear $P").Ok();
        waiting.Wait(600).Ok();
        box.Shell("cmp $R/srv/big /$V/web/big && $KVOL umount $R && zpool destroy $P && umount $T/small").Ok();
    }

    [Fact]
    public void A_dataset_that_cannot_be_read_leaves_the_others_listed()
    {
        using var box = new ZfsBox("-O compression=off");
        // Such an import would be refused for what is wrong in the last transaction groups: spa_load_verify_metadata, zfs(4).
        box.Shell("for v in a b c; do $KVOL create $v; done; zpool export $P; echo 0 >/sys/module/zfs/parameters/spa_load_verify_metadata"
            // Where the block is that says what b is: both copies of it are overwritten.
            + " && for at in $(zdb -e -p $T -dddd $V/b 2>/dev/null | sed -n 's/.*rootbp//p' | head -n 1 | grep -o "
                + "'DVA\\[[0-9]\\]=<[0-9a-f:]*>' | sed 's/.*<0:\\(.*\\):.*/\\1/');"
            + " do dd if=/dev/urandom of=$T/disk bs=512 count=1 seek=$(((0x$at + 0x400000) / 512)) conv=notrunc status=none; n=$((n + "
                + "1)); done; test $n = 2 && zpool import -N -d $T $P; s=$?; echo 1 "
                + ">/sys/module/zfs/parameters/spa_load_verify_metadata; exit $s").Ok();
        box.Kvol("ls", "-q").Refused(65, $"{box.Pool}/kvol/volumes/b", "cannot be read", "zpool status");
        Assert.Equal(["a", "c"], box.Kvol("ls", "-q").Lines);
        box.Kvol("inspect", "b").Refused(65, "volumes/b", "cannot be read");
        box.Kvol("rm", "b").Refused(65, "volumes/b", "cannot be read");
        box.Shell("mkdir -p $R/srv && echo x >$R/srv/x").Ok();
        box.Mount("b:/srv").Refused(65, "cannot be read");
        box.Mount("a:/srv").Ok();
        Assert.Equal("x\n", box.Shell("cat $R/srv/x && $KVOL gc").Ok().Out);
    }

    [Theory]
    [InlineData("libzfs_core")]
    [InlineData("libnvpair")]
    public void A_host_without_a_library_lists_and_says_what_is_missing_where_it_is_needed(string library)
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web").Ok();
        foreach (var (verb, status) in (ReadOnlySpan<(string, int)>)[("create x", 69), ("rm web", 69), ("snapshot web@s", 69), ("ls -q", 0),
            ("inspect web", 0)])
        {
            // A file that is no library stands in its place, in a mount namespace of this command's own.
            var result = box.Shell(
                $"unshare -m sh -c 'for f in /lib/x86_64-linux-gnu/{library}.so.*; do mount --bind /etc/hostid $f; done; $KVOL {verb}'");
            Assert.Equal(status, result.Exit);
            Assert.True(status == 0 || (result.Err.Contains(library, StringComparison.Ordinal)
                && result.Err.Contains("install", StringComparison.Ordinal)), result.Err);
        }

        Assert.Equal(["web"], box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void A_host_without_the_module_says_what_to_do()
    {
        using var box = new ZfsBox();
        box.Shell("unshare -m sh -c 'mount -t tmpfs none /dev && $KVOL ls'").Refused(69, "/dev/zfs", "modprobe");
    }
}
