using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Properties, space, other names, and volumes that are kept after their deletion.</summary>
[Trait("Needs", "Machine")]
public class PropertiesAndNames
{
    [Fact]
    public void Properties_are_set_all_or_none()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web -l a=1 && head -c 3000000 /dev/urandom >/$V/web/f && zpool sync $P").Ok();
        box.Kvol("set", "web", "quota=64M", "reservation=8M", "compression=zstd-3", "recordsize=16K", "atime=off", "readonly=on",
            "label.b=two", "label.a=").Ok();
        Assert.Equal("67108864|8388608|zstd-3|16384|off|on|two|-", box.Shell(
            "zfs get -H -p -o value refquota,reservation,compression,recordsize,atime,readonly,kvol:label.b,kvol:label.a $V/web | paste "
                + "-sd'|'").Ok().Out.Trim());
        var got = JsonDocument.Parse(box.Kvol("get", "web", "--json").Ok().Out).RootElement;
        Assert.Equal("67108864 8388608 zstd-3 16384 off on two",
            $"{got.GetProperty("quota")} {got.GetProperty("reservation")} {got.GetProperty("compression")} {got.GetProperty("recordsize")} "
            + $"{got.GetProperty("atime")} {got.GetProperty("readonly")} {got.GetProperty("label.b")}");
        Assert.NotEqual(0, box.Shell("touch /$V/web/x").Exit);
        box.Kvol("set", "web", "readonly=off", "quota=1M").Refused(64, "quota=1M", "that web holds");
        box.Kvol("set", "web", "readonly=off", "reservation=1T").Refused(73, "reservation=1T", "free");
        box.Kvol("set", "web", "readonly=off", "compression=best").Refused(64, "compression", "one of");
        box.Kvol("set", "web", "readonly=off", "recordsize=3K").Refused(64, "recordsize", "power of two");

        // A pool without the feature: the kernel itself refuses one of several.
        box.Shell("zpool create -d -m $T/old old$P $(truncate -s 128M $T/disk2; echo $T/disk2) && $KVOL --root old$P/kvol create v && ! "
            + "$KVOL --root old$P/kvol set v atime=off quota=32M compression=zstd label.x=y 2>$T/err"
            + " && grep 'nothing was changed' $T/err && test \"$(zfs get -H -p -o value atime,refquota,compression,kvol:label.x "
                + "old$P/kvol/volumes/v | paste -sd' ')\" = 'on 0 on -'; s=$?; zpool destroy -f old$P; exit $s").Ok();
        box.Kvol("set", "web", "readonly=off", "quota=none").Ok();
        box.Shell("touch /$V/web/x").Ok();
        var df = JsonDocument.Parse(box.Kvol("df", "web", "--json").Ok().Out).RootElement[0];
        Assert.True(df.GetProperty("referenced").GetInt64() > 2900000
            && df.GetProperty("used").GetInt64() >= df.GetProperty("referenced").GetInt64() && df.GetProperty("available").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Null, df.GetProperty("quota").ValueKind);
    }

    [Fact]
    public void A_volume_is_renamed_deleted_for_a_while_and_brought_back()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && echo one >/$V/web/f && $KVOL snapshot web@s && $KVOL create other").Ok();
        box.Mount("web:/srv").Ok();
        box.Kvol("rename", "web", "site").Refused(75, "/srv");
        box.Umount().Ok();
        box.Kvol("rename", "web", "other").Refused(73, "already exists");
        box.Kvol("rename", "web", "site").Ok();
        Assert.Equal("one\n",
            box.Shell("cat /$V/site/f && ! test -e /$V/web && ! zfs list $V/web 2>/dev/null && zfs list $V/site@s >/dev/null").Ok().Out);

        box.Kvol("rm", "--keep", "1000", "site").Ok();
        box.Shell("test \"$($KVOL ls -q)\" = other && test \"$($KVOL ls --deleted -q)\" = site && ! test -e /$V/site && zfs mount -a && "
            + "! findmnt -rn | grep kvol/deleted && test -z \"$($KVOL gc)\"").Ok();
        box.Shell("$KVOL create site && ! $KVOL undelete site 2>$T/err && grep -q 'already exists' $T/err && $KVOL rename site newer").Ok();
        box.Kvol("undelete", "site").Ok();
        Assert.Equal("one\n-\n",
            box.Shell("cat /$V/site/f && zfs get -H -o value kvol:deleted.name $V/site && zfs list $V/site@s >/dev/null && test -z "
            + "\"$($KVOL ls --deleted -q)\"").Ok().Out);

        box.Shell("$KVOL rm --keep 0 site && zfs list -r $S/deleted | grep -q deleted/ && mkdir $T/hand && d=$(zfs list -H -o name -r "
            + "$S/deleted | tail -1) && mount -t zfs -o zfsutil $d $T/hand && $KVOL gc && zfs list $d >/dev/null"
            + " && umount $T/hand && $KVOL gc | grep site && ! zfs list $d 2>/dev/null").Ok();
        box.Kvol("undelete", "site").Refused(66, "kept");
    }
}
