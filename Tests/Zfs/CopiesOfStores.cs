using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>docs/backup.md: the volumes of a store are copied to another pool with syncoid(8), where kvol lists and mounts them.</summary>
[Trait("Needs", "Machine")]
public class CopiesOfStores
{
    private const string Copy = "syncoid --quiet --recursive --skip-parent --no-sync-snap --create-bookmark";

    [Theory]
    [InlineData("")]
    [InlineData(" --sendoptions=p")]
    public void A_second_pool_gets_each_volume_and_what_changed_and_kvol_shows_them(string options)
    {
        Sanoid.Install();
        using var box = new ZfsBox();
        using var second = new ZfsBox();
        box.Shell("for v in web db; do $KVOL create $v -l tier=$v; $KVOL set -q $v snapshots=hourly:1; echo one >/$V/$v/f; done; "
            + "$KVOL snapshot --due -q").Ok();
        Sync();
        Assert.Equal(["db", "web"], second.Kvol("ls", "-q").Ok().Lines);
        Assert.Equal(box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines, second.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines);
        second.Shell("mkdir -p $R/srv").Ok();
        second.Mount("web:/srv:ro,nocopy").Ok();
        Assert.Equal("one\n", second.Shell("cat $R/srv/f").Ok().Out);
        Assert.Equal(options == "" ? "" : "web", second.Shell("$KVOL get -H web label.tier | cut -f 3 | tr -d -").Ok().Out.Trim());

        // The snapshot that was sent is removed; the copy keeps its own, and takes none.
        box.Shell("for v in web db; do echo two >/$V/$v/f; $KVOL snapshot $v@kept; "
            + "zfs destroy $(zfs list -H -o name -t snapshot -r $V/$v | head -n 1); done").Ok();
        Assert.Equal("", second.Kvol("snapshot", "--due").Ok().Out);
        Sync();
        Assert.Equal("two\n", second.Shell("cat $R/srv/f").Ok().Out);
        Assert.Contains("web@kept", second.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines);
        second.Kvol("clone", "web@kept", "test").Ok();
        second.Shell("echo three >/$V/test/f").Ok();
        Sync();

        void Sync() => box.Shell($"{Copy}{options} $V {second.Pool}/kvol/volumes 2>&1").Ok();
    }

    [Fact]
    public void The_configuration_of_sanoid_takes_all_volumes_at_one_instant()
    {
        Sanoid.Install();
        using var box = new ZfsBox();
        box.Shell("mkdir $T/sanoid && cp /usr/share/sanoid/sanoid.defaults.conf $T/sanoid/ && printf '%s\\n' \"[$V]\" use_template=volumes "
            + "recursive=zfs '[template_volumes]' hourly=24 daily=7 monthly=0 yearly=0 autosnap=yes "
            + "autoprune=yes >$T/sanoid/sanoid.conf; for v in web db; do $KVOL create $v; done").Ok();
        box.Shell("sanoid --configdir=$T/sanoid --cron --quiet 2>&1").Ok();
        var taken = box.Shell("zfs list -H -p -o name,createtxg -t snapshot -r $V | grep autosnap_.*_hourly | grep -v $V@").Ok().Lines;
        Assert.Equal(2, taken.Length);
        Assert.Single(taken.Select(l => l.Split('\t')[1]).Distinct());
        Assert.Equal("", box.Kvol("snapshot", "--due").Ok().Out);
    }
}
