using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Datasets that are no volumes of kvol's: inside a volume, whose content no snapshot of the volume has, and above the store,
/// which hide it when they are mounted after it.</summary>
[Trait("Needs", "Machine")]
public class DatasetsInsideAndAbove
{
    [Fact]
    public void A_dataset_inside_is_named_by_all_that_leave_it_out()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create par && zfs create -p $V/par/kid/deep && echo k >/$V/par/kid/f").Ok();
        foreach (var command in (string[])["export par -o $T/p.tar", "export par@a -o $T/q.tar", "export --format zfs par@a -o $T/p.zfs",
            "snapshot par@b", "clone par copy", "clone par@a other"])
        {
            box.Shell("zfs list $V/par@a >/dev/null 2>&1 || zfs snapshot $V/par@a").Ok();
            var result = box.Shell($"$KVOL {command} --json").Ok();
            Assert.Contains("kid: is a dataset of its own", result.Err);
            Assert.Contains("kid/deep: is a dataset of its own", result.Err);
            using var json = JsonDocument.Parse(result.Out);
            var shown = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement;
            Assert.False(shown.GetProperty("consistent").GetBoolean(), command);
            Assert.Equal(["kid", "kid/deep"], shown.GetProperty("not_kept").EnumerateArray().Select(l => l.GetString()!.Split(':')[0]));
        }
    }

    [Fact]
    public void With_nothing_inside_all_of_them_are_consistent_and_silent()
    {
        using var box = new ZfsBox();
        box.Kvol("create", "par").Ok();
        foreach (var command in (string[])["export par -o $T/p.tar", "snapshot par@b", "clone par copy"])
        {
            using var json = JsonDocument.Parse(
                box.Shell($"$KVOL {command} --json 2>$T/err; rc=$?; ! grep dataset $T/err || exit 1; exit $rc").Ok().Out);
            var shown = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement;
            Assert.True(shown.GetProperty("consistent").GetBoolean(), command);
        }
    }

    [Theory]
    [InlineData("$P")]
    [InlineData("$P/outer")]
    public void What_belongs_above_the_store_is_mounted_before_it(string above)
    {
        using var box = new ZfsBox(store: "outer/kvol", init: false);
        box.Shell("zfs create $P/outer && $KVOL init >/dev/null && mkdir -p $R/srv && echo x >$R/srv/f && $KVOL mount $R web:/srv && "
            + "$KVOL umount $R && zpool export $P && zpool import -N -d $T $P").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal("yes", box.Get("mounted", above.Replace("$P", box.Pool)));
        box.Shell("zfs mount -a").Ok();
        Assert.Equal("x", box.Shell("cat $R/srv/f /$V/web/f | sort -u").Ok().Out.Trim());
        box.Shell("$KVOL create next && $KVOL umount $R && zpool export $P").Ok();
    }

    [Fact]
    public void A_dataset_of_another_branch_with_a_mountpoint_above_the_store_is_mounted_before_it_too()
    {
        using var box = new ZfsBox(init: false);
        box.Shell("zfs create -o mountpoint=$T/place $P/other && zfs create -o mountpoint=$T/place/kvol $S && $KVOL init >/dev/null && "
            + "$KVOL create web && zpool export $P && zpool import -N -d $T $P").Ok();
        box.Shell("mkdir $R/srv && $KVOL mount $R web:/srv").Ok();
        Assert.Equal("yes", box.Get("mounted", box.Pool + "/other"));
        box.Shell("zfs mount -a && $KVOL create next && $KVOL umount $R").Ok();
    }

    [Fact]
    public void Where_the_key_of_one_above_is_not_loaded_nothing_is_mounted_below_it()
    {
        using var box = new ZfsBox(store: "outer/kvol", init: false);
        box.Shell("head -c 32 /dev/urandom >$T/key && zfs create -o encryption=on -o keyformat=raw -o keylocation=file://$T/key "
            + "$P/other && zfs set mountpoint=$T/place $P/other"
            + " && zfs create -o mountpoint=$T/place/in $P/outer && $KVOL init >/dev/null && $KVOL create web && zpool export $P && "
                + "zpool import -N -d $T $P && mkdir -p $R/srv").Ok();
        box.Mount("web:/srv").Refused(75, box.Pool + "/other", "zfs load-key");
        Assert.Equal("no", box.Get("mounted", box.Pool + "/outer/kvol/volumes"));
        box.Shell($"zfs load-key {box.Pool}/other").Ok();
        box.Mount("web:/srv").Ok();
    }

    [Fact]
    public void A_store_that_is_covered_says_so_and_makes_nothing_in_what_covers_it()
    {
        using var box = new ZfsBox();
        box.Shell("mkdir -p $R/srv && $KVOL create web && mount -t tmpfs cover /$P").Ok();
        box.Mount("web:/srv").Refused(75, "another mount covers", $"umount /{box.Pool}");
        box.Kvol("create", "next").Refused(75, "another mount covers");
        Assert.Contains("another mount covers", box.Kvol("doctor").Out);
        Assert.Equal("", box.Shell("ls -A /$P && umount /$P").Ok().Out);
        box.Shell("$KVOL create next && $KVOL mount $R web:/srv").Ok();
    }
}
