using System;
using System.Text.Json;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A seeding from a dataset of the same pool shares its blocks where the pool allows it.</summary>
[Trait("Needs", "Machine")]
public class CloningSharesBlocks
{
    [Fact]
    public void Blocks_are_cloned_where_it_is_on_and_copied_where_it_is_off()
    {
        using var box = new ZfsBox("-O compression=off");
        box.Shell("zfs create -o mountpoint=$R $P/image && mkdir $R/srv && head -c 40M /dev/urandom >$R/srv/big && zpool sync $P").Ok();
        var version = Version.Parse(box.Shell("sed 's/[^0-9.].*//' /sys/module/zfs/version").Ok().Out.Trim());
        var can = version >= new Version(2, 2) && box.Shell("cat /sys/module/zfs/parameters/zfs_bclone_enabled").Out.Trim() == "1";
        box.Mount("web:/srv").Ok();
        Assert.StartsWith(can ? "yes" : "no", box.Inspect("web").GetProperty("cloning").GetString());
        Assert.Contains(can ? "cloning: yes" : "cloning: no", box.Kvol("doctor").Out);
        Assert.Equal(can, Cloned(box) >= 40L << 20);
        // what two save is more than what one uses
        box.Shell("$KVOL umount $R && $KVOL create twice && $KVOL seed twice $R/srv && zpool sync $P").Ok();
        var saved = JsonDocument.Parse(box.Kvol("df", "--json", "web").Ok().Out).RootElement[0].GetProperty("saved_in_pool");
        Assert.Equal(box.Shell("zpool get -H -p -o value bclonesaved $P").Out.Trim(), version >= new Version(2, 2)
            ? saved.GetInt64().ToString(null, null) : saved.ValueKind == JsonValueKind.Null ? "" : "null");
        box.Shell("cmp /$P/kvol/volumes/web/big $R/srv/big && $KVOL umount $R && cmp /$V/web/big $R/srv/big").Ok();

        box.Mount("plain:/srv", "--no-clone").Ok();
        box.Shell("zpool sync $P; $KVOL umount $R; echo 'clone = off' >$KVOL_CONFIG; $KVOL mount $R off:/srv; zpool sync $P").Ok();
        Assert.StartsWith("no", box.Inspect("off").GetProperty("cloning").GetString());
        Assert.True(Cloned(box) < 80L << 20, "nothing more was cloned");
        box.Shell("cmp /$V/plain/big /$V/web/big && cmp /$V/off/big /$V/web/big").Ok();
    }

    [Fact]
    public void A_pool_without_the_feature_says_so()
    {
        using var box = new ZfsBox("-d");
        Assert.Contains("no", box.Kvol("doctor").Out.Split("cloning: ")[1][..2]);
    }

    private static long Cloned(ZfsBox box) =>
        long.TryParse(box.Shell("zpool sync $P; zpool get -H -p -o value bcloneused $P").Out.Trim(), out var bytes) ? bytes : 0;
}
