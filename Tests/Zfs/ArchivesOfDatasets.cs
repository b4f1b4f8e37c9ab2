using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Tar archives of volumes that are datasets.</summary>
[Trait("Needs", "Machine")]
public class ArchivesOfDatasets
{
    [Fact]
    public void A_volume_survives_export_and_import_and_nothing_is_left_behind()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        box.Mount("web:/srv").Ok();
        var before = box.Manifest("/$V/web");
        box.Shell("$KVOL snapshot web@s && (while :; do date >$R/srv/changing; done) & w=$!; $KVOL export web >$T/tar && $KVOL export "
            + "web@s -o $T/tar2; s=$?; kill $w; rm -f $R/srv/changing; exit $s").Ok();
        Assert.Equal(["web@s"], box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines);
        Assert.Equal("", box.Shell("zfs list -H -t snapshot -o name | grep kvol- || true").Ok().Out);
        box.Shell("$KVOL import copy $T/tar -l a=b && rm -f /$V/copy/changing && $KVOL create into && $KVOL import --into into <$T/tar2 "
            + "&& tar -tf $T/tar >/dev/null").Ok();
        Assert.Equal(before, box.Manifest("/$V/into"));
        Assert.Equal("b ready -", box.Get("kvol:label.a", "$V/copy") + " " + box.Inspect("copy").GetProperty("state")
            .GetString() + " " + box.Get("kvol:new", "$V/copy"));
    }

    [Fact]
    public void A_broken_or_killed_import_leaves_nothing()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 300);
        box.Shell("$KVOL create web && $KVOL seed web $R/srv && $KVOL export web -o $T/tar && head -c 40000 $T/tar >$T/cut && ! $KVOL "
            + "import broken $T/cut && ! zfs list $V/broken 2>/dev/null && ! test -e /$V/broken").Ok();
        box.Shell("mkfifo $T/pipe && (cat $T/cut; exec sleep 1000) >$T/pipe & a=$!; while ! test -p $T/pipe; do sleep 0.05; done; $KVOL "
            + "import killed <$T/pipe & k=$!;"
            + " until ls -d /$V/killed/.kvol-seeding-*/tree >/dev/null 2>&1; do sleep 0.05; done; kill -9 $k $a; wait; true").Ok();
        Assert.Equal("seeding", box.Inspect("killed").GetProperty("state").GetString());
        Assert.Contains("killed", box.Kvol("gc").Ok().Out);
        Assert.Equal(["web"], box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void A_killed_export_leaves_a_snapshot_that_gc_destroys_and_a_living_one_keeps_its_own()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && head -c 30000000 /dev/urandom >/$V/web/f && $KVOL snapshot web@s && mkfifo $T/pipe").Ok();
        using var reader = box.StartShell("exec 3<$T/pipe; exec sleep 1000");
        using var export = box.StartShell("exec $KVOL export web >$T/pipe");
        while (box.Shell("zfs list -H -t snapshot -o name | grep -q kvol-export").Exit != 0
            || box.Shell("test $(zfs get -H -o value userrefs $(zfs list -H -t snapshot -o name | grep kvol-export)) = 1").Exit != 0)
        {
        }

        box.Shell("$KVOL gc && zfs list -H -t snapshot -o name | grep -q kvol-export").Ok();
        box.Kvol("rm", "-f", "web").Refused(75, "is being exported by pid");
        export.Signal(9);
        export.Wait();
        reader.Signal(9);
        reader.Wait();
        box.Shell("$KVOL gc | grep web && ! zfs list -H -t snapshot -o name | grep kvol-export").Ok();
        box.Kvol("rm", "-f", "web").Ok();
    }
}
