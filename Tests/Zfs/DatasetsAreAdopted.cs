using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A dataset becomes a volume and a dataset again by a rename.</summary>
[Trait("Needs", "Machine")]
public class DatasetsAreAdopted
{
    [Fact]
    public void A_dataset_keeps_its_content_properties_and_snapshots_and_inherits_its_mountpoint()
    {
        using var box = new ZfsBox();
        box.Shell("zfs create -o mountpoint=$T/srv -o compression=zstd-3 -o org.example:note=hello $P/www && echo a >$T/srv/f "
            + "&& zfs snapshot $P/www@s").Ok();
        var guid = box.Get("guid", "$P/www");
        Assert.Equal([$"zfs unmount {box.Pool}/www", $"zfs rename {box.Pool}/www {box.Pool}/kvol/volumes/web",
            $"zfs inherit mountpoint {box.Pool}/kvol/volumes/web", $"zfs mount {box.Pool}/kvol/volumes/web"],
            box.Shell("$KVOL adopt -n $P/www web").Ok().Lines.Where(l => !l.StartsWith("zfs set", StringComparison.Ordinal)));
        var said = box.Shell("$KVOL adopt -v -l tier=front $P/www web").Ok().Err;
        Assert.Contains($"created from {box.Pool}/www without a copy; users of the host no longer reach it at {box.Top}/srv", said);
        Assert.Contains($"kvol release --mountpoint {box.Top}/srv web {box.Pool}/www", said);
        Assert.Equal(guid, box.Get("guid", "$V/web"));
        Assert.Equal("default|zstd-3|hello|front|yes|-", box.Shell("(zfs get -Ho source mountpoint $V/web | cut -d' ' -f1; zfs get "
            + "-Ho value compression,org.example:note,kvol:label.tier,mounted,kvol:adopting $V/web) | paste -sd'|'").Ok().Out.Trim());
        Assert.Equal($"/{box.Pool}/kvol/volumes/web", box.Inspect("web").GetProperty("mountpoint").GetString());
        box.Shell("test $(cat /$V/web/f) = a && zfs list $V/web@s && ! test -e $T/srv/f").Ok();
        box.Mount("web:/srv").Ok();
        box.Shell("$KVOL release web $P/www").Refused(75, box.Top + "/root/srv");
        box.Umount().Ok();
        box.Shell("$KVOL release --mountpoint $T/srv web $P/www && test $(cat $T/srv/f) = a && zfs list $P/www@s").Ok();
        Assert.Equal(guid, box.Get("guid", "$P/www"));
        Assert.Equal("hello", box.Get("org.example:note", "$P/www"));
        Assert.Equal("", box.Shell("zfs get -H -s local -o property all $P/www | grep kvol: || true").Ok().Out);
        Assert.Empty(box.Kvol("ls", "-q").Ok().Lines);
        box.Shell("mkdir $T/dir && echo b >$T/dir/g && $KVOL adopt $T/dir copied && test $(cat /$V/copied/g) = b && test -e $T/dir/g").Ok();
    }

    [Fact]
    public void What_cannot_be_moved_is_refused_with_the_way_out_and_stays_mounted()
    {
        using var box = new ZfsBox();
        box.Shell("zfs create $P/www && zfs create $P/top && zfs create $P/top/inner && zfs create -o mountpoint=legacy $P/old "
            + "&& zfs create -V 16M $P/disk && $KVOL create v >/dev/null && zfs create $V/v/in").Ok();
        Refused("$P/none", 66, "no such dataset");
        Refused("other/x", 69, "the pool of the store", "zfs send");
        Refused("$P", 64, "contains the store");
        Refused("$S", 64, "is the store");
        Refused("$V", 64, "lies in the store");
        Refused("$V/v", 64, "kvol rename");
        Refused("$V/v/in", 64, "lies in the store");
        Refused("$P/top", 75, "has a dataset inside", "zfs rename");
        Refused("$P/old", 69, "legacy", "zfs set mountpoint=none");
        Refused("$P/disk", 69, "not a file system");
        box.Shell("$KVOL adopt $P/www v").Refused(73, "already exists");
        box.Shell("mkdir $R/x && mount --bind /$P/www $R/x").Ok();
        Refused("$P/www", 75, "is mounted on " + box.Top + "/root/x");
        box.Shell("umount $R/x; cd /$P/www; sleep 600 >/dev/null 2>&1 & echo $! >$T/pid").Ok();
        Refused("$P/www", 75, "is busy", "held by pid");
        box.Shell("kill $(cat $T/pid)").Ok();
        Assert.Equal("yes", box.Get("mounted", "$P/www"));
        Assert.Equal("", box.Shell("zfs get -H -s local -o property all $P/www | grep kvol: || true").Ok().Out);
        box.Shell("$KVOL release v $P/www").Refused(73, "already exists");
        box.Shell("$KVOL release v $P/new").Refused(75, "has a dataset inside");
        box.Shell("$KVOL release v $T/dir").Refused(64, "is a dataset");

        void Refused(string dataset, int status, params string[] words) => box.Shell($"$KVOL adopt {dataset} web").Refused(status, words);
    }

    [Fact]
    public void An_adoption_that_was_cut_off_after_its_rename_is_completed()
    {
        using var box = new ZfsBox();
        box.Shell("zfs create -o mountpoint=$T/srv $P/www && echo a >$T/srv/f && zfs set kvol:adopting=1 $P/www "
            + "&& zfs rename $P/www $V/web").Ok();
        Assert.Contains("web", box.Kvol("gc").Ok().Out);
        Assert.Equal("-", box.Get("kvol:adopting", "$V/web"));
        box.Shell("test $(cat /$V/web/f) = a && ! test -e $T/srv/f").Ok();
    }

    [Fact]
    public void A_dataset_with_a_key_of_its_own_is_adopted_and_one_with_the_key_of_another_is_not()
    {
        using var box = new ZfsBox();
        box.Shell("echo 12345678 >$T/key && zfs create -o encryption=on -o keyformat=passphrase -o keylocation=file://$T/key $P/e "
            + "&& zfs create $P/e/inner").Ok();
        box.Shell("$KVOL adopt $P/e/inner web").Refused(69, "encrypted", "zfs change-key");
        Assert.Equal("yes", box.Get("mounted", "$P/e/inner"));
        box.Shell("zfs destroy $P/e/inner && $KVOL adopt $P/e web").Ok();
        Assert.Equal(box.Pool + "/kvol/volumes/web", box.Get("encryptionroot", "$V/web"));
        box.Shell("$KVOL release web $P/e").Ok();
    }
}
