using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Nobody but root reaches a volume through the store, wherever its dataset is mounted.</summary>
[Trait("Needs", "Machine")]
public class NobodyElseGetsIn
{
    // A shell between, because setpriv itself still has root's capabilities when it executes something.
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c";

    [Fact]
    public void The_store_is_closed_to_all_but_root()
    {
        using var box = new ZfsBox();
        Assert.Equal("700 0", box.Shell("stat -c '%a %u' /$V").Ok().Out.Trim());
        var opened = box.Shell("chmod 755 /$V && $KVOL ls").Ok();
        Assert.Contains("changed its mode to 0700", opened.Err);
        Assert.Equal("700", box.Shell("stat -c %a /$V").Ok().Out.Trim());
    }

    [Fact]
    public void Where_the_dataset_above_is_not_mounted_the_directory_is_closed()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create old && zfs umount $V/old && zfs set canmount=off $V && ! test -e /$V && $KVOL create web && cp "
            + "/usr/bin/id /$V/web/ && chmod 4755 /$V/web/id").Ok();
        Assert.Equal("700 0", box.Shell("stat -c '%a %u' /$V").Ok().Out.Trim());
        Assert.NotEqual(0, box.Shell(AsNobody + " /$V/web/id").Exit);
        var opened = box.Shell("chmod 755 /$V && " + AsNobody + " /$V/web/id >/dev/null && $KVOL ls").Ok();
        Assert.Contains("changed its mode to 0700", opened.Err);
        Assert.NotEqual(0, box.Shell(AsNobody + " /$V/web/id").Exit);
    }

    [Fact]
    public void A_place_of_its_own_is_given_only_where_nobody_else_gets_in_and_reported_otherwise()
    {
        using var box = new ZfsBox();
        box.Kvol("create", "web", "-o", $"mountpoint={box.Top}/open/web").Refused(64, "mountpoint", "0700");
        Assert.Equal("", box.Shell("zfs list -H -o name $V/web 2>/dev/null; ls -d $T/open 2>/dev/null || true").Out);
        box.Shell("mkdir -m 700 $T/closed && $KVOL create web -o mountpoint=$T/closed/a/web && test -d $T/closed/a/web && $KVOL doctor "
            + ">/dev/null").Ok();
        Assert.Equal("yes", box.Get("mounted", "$V/web"));
        var doctor = box.Shell("zfs set mountpoint=$T/open/web $V/web && $KVOL doctor");
        Assert.Equal(69, doctor.Exit);
        Assert.Contains($"{box.Pool}/kvol/volumes/web has a mountpoint of its own, {box.Top}/open/web", doctor.Out);
        box.Shell("chmod 700 $T/open && $KVOL doctor").Ok();
    }
}
