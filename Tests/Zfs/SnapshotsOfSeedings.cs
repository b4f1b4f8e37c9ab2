using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A snapshot that others took in the middle of a seeding brings half of it back: into the volume by a rollback, into another by a
/// clone. Neither is ever taken for what it was to be, nor for empty as long as something of it is there.</summary>
[Trait("Needs", "Machine")]
public class SnapshotsOfSeedings
{
    [Fact]
    public void Kvol_itself_takes_nothing_from_such_a_snapshot()
    {
        using var box = Half(out var before);
        box.Shell("$KVOL mount $R web:/srv && $KVOL umount $R").Ok();
        box.Kvol("clone", "web@half", "copy").Refused(65, "web@half", "being seeded");
        box.Kvol("rollback", "web@half").Refused(65, "web@half", "being seeded");
        box.Kvol("export", "web@half", "-o", box.Top + "/tar").Refused(65, "being seeded");
        Assert.Equal(["web"], box.Kvol("ls", "-q").Ok().Lines);
        Assert.Equal(before, box.Manifest("/$V/web"));
        box.Shell("$KVOL snapshot web@whole && $KVOL clone web@whole copy").Ok();
        Assert.Equal(before, box.Manifest("/$V/copy"));
    }

    [Fact]
    public void A_volume_that_was_rolled_back_to_it_by_hand_is_seeding_and_heals()
    {
        using var box = Half(out var before);
        box.Shell("$KVOL mount $R web:/srv && $KVOL umount $R && zfs rollback $V/web@half && ls -d /$V/web/.kvol-seeding-*").Ok();
        Assert.Equal("seeding", box.Inspect("web").GetProperty("state").GetString());
        Assert.Contains("\tseeding\t", box.Kvol("ls", "-H").Ok().Out);
        box.Mount("web:/srv").Ok();
        Assert.Equal(before, box.Manifest("$R/srv"));
        Assert.Equal("ready", box.Inspect("web").GetProperty("state").GetString());
    }

    [Fact]
    public void A_clone_made_by_hand_is_seeding_and_heals_mounted_or_not()
    {
        using var box = Half(out var before);
        box.Shell("zfs clone $V/web@half $V/copy && zfs clone -o canmount=noauto $V/web@half $V/unseen && zfs clone $V/web@half "
            + "$V/third && mkdir -p $T/two $T/three && cp -a $R/srv $T/two/srv && cp -a $R/srv $T/three/srv").Ok();
        Assert.Equal("seeding", box.Inspect("copy").GetProperty("state").GetString());
        Assert.Contains("third", box.Kvol("gc").Ok().Out);
        Assert.Equal("", box.Shell("ls -A /$V/third").Ok().Out); // the volume was empty at that instant
        box.Shell("$KVOL mount $T/two copy:/srv && $KVOL mount $T/three unseen:/srv").Ok();
        Assert.Equal(before, box.Manifest("$T/two/srv"));
        Assert.Equal(before, box.Manifest("$T/three/srv"));
    }

    [Fact]
    public void From_after_the_commit_it_is_completed_in_the_volume_and_in_a_clone_of_a_clone()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        var before = box.Manifest("$R/srv");
        // The directory of a seeding, half moved up, is all that a snapshot has; properties are the dataset's. The seeding ended after the
        // snapshot.
        box.Shell("$KVOL mount $R web:/srv && $KVOL umount $R && cd /$V/web && c=.kvol-seeded-$(printf %016x $(zfs get -H -p -o value "
            + "guid $V/web)) && mkdir -m 700 $c $c/tree $c/top && mv file1 sub $c/tree/"
            + " && chmod 1770 $c/top && touch -d '2002-03-04 05:06:07.123456789' $c/top && zfs snapshot $V/web@half && zfs set "
                + "kvol:seeding-ended=$(date -u -d '1 second' +%FT%TZ) $V/web && zfs clone $V/web@half $V/one && zfs snapshot "
                + "$V/one@again && zfs clone $V/one@again $V/two").Ok();
        foreach (var name in (string[])["web", "one", "two"])
        {
            Assert.Equal("seeding", box.Inspect(name).GetProperty("state").GetString());
            box.Shell($"mkdir -p $T/root-{name} && $KVOL mount $T/root-{name} {name}:/srv").Ok();
            Assert.Equal(before, box.Manifest($"$T/root-{name}/srv"));
            Assert.Equal("ready", box.Inspect(name).GetProperty("state").GetString());
        }

        Assert.Equal(box.Top + "/root/srv", box.Inspect("web").GetProperty("seed").GetProperty("source").GetString());
    }

    /// <summary>A volume of which somebody took a snapshot while it was being seeded, when kvol was killed.</summary>
    private static ZfsBox Half(out string manifest)
    {
        var box = new ZfsBox();
        box.Fill("/srv", 400);
        manifest = box.Manifest("$R/srv");
        box.Shell("$KVOL mount $R web:/srv & until [ -e /$V/web/.kvol-seeding-*/tree/file9 ] || ! kill -0 $!; do :; done; kill -KILL "
            + "$!; wait $!; ls -d /$V/web/.kvol-seeding-* && zfs snapshot $V/web@half").Ok();
        return box;
    }
}
