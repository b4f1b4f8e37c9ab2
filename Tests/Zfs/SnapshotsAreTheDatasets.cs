using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Snapshots, rollbacks to them, and clones that depend on them.</summary>
[Trait("Needs", "Machine")]
public class SnapshotsAreTheDatasets
{
    [Fact]
    public void A_snapshot_is_made_listed_gone_back_to_and_removed()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && echo one >/$V/web/f && test \"$($KVOL snapshot web@one)\" = web@one && echo two >/$V/web/f && "
            + "zfs snapshot $V/web@auto:hourly && $KVOL snapshot web").Ok();
        var names = box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines;
        Assert.Equal(["web@one", "web@auto:hourly"], names[..2]);
        Assert.Matches(@"^web@\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$", names[2]);
        Assert.True(JsonDocument.Parse(box.Kvol("ls", "-t", "snapshot", "--json", "web").Ok().Out).RootElement[0].GetProperty("referenced")
            .GetInt64() > 0);
        box.Kvol("snapshot", "web@one").Refused(73, "web@one", "already exists");
        box.Kvol("rollback", "web@one").Refused(75, "auto:hourly", names[2].Split('@')[1], "-r");
        Assert.Equal("two\n", box.Shell("cat /$V/web/f").Ok().Out);

        // Held, or the origin of something: nothing goes.
        box.Shell("zfs hold backup $V/web@auto:hourly").Ok();
        box.Kvol("rollback", "-r", "web@one").Refused(75, "held by backup");
        box.Shell("zfs release backup $V/web@auto:hourly && zfs clone $V/web@auto:hourly $P/other").Ok();
        box.Kvol("rollback", "-r", "web@one").Refused(75, box.Pool + "/other");
        Assert.Equal(3, box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
        box.Shell("zfs destroy $P/other").Ok();

        // Mounted in a root directory: only with -f.
        box.Mount("web:/srv").Ok();
        box.Kvol("rollback", "-r", "web@one").Refused(75, "mounted on", "/srv");
        Assert.Equal([names[2], names[1]], box.Kvol("rollback", "-r", "-f", "web@one").Ok().Lines);
        Assert.Equal("one\none\n", box.Shell("cat /$V/web/f $R/srv/f").Ok().Out);
        box.Umount().Ok();
        box.Kvol("rm", "web@two").Refused(66, "no such snapshot");
        box.Kvol("rm", "web@one").Ok();
        Assert.Empty(box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void A_clone_stands_on_its_origin_until_it_is_promoted()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web -l tier=front && echo one >/$V/web/f && $KVOL snapshot web@s && echo two >/$V/web/f && $KVOL clone "
            + "web@s old -l tier=back && $KVOL clone web now").Ok();
        Assert.Equal("one\ntwo\n", box.Shell("cat /$V/old/f /$V/now/f").Ok().Out);
        Assert.Equal($"{box.Pool}/kvol/volumes/web@s", box.Inspect("old").GetProperty("origin").GetString());
        Assert.Equal("back web@s",
            box.Get("kvol:label.tier", "$V/old") + " " + box.Inspect("old").GetProperty("seed").GetProperty("source").GetString());
        box.Kvol("rm", "web@s").Refused(75, box.Pool + "/kvol/volumes/old");
        box.Kvol("rm", "-f", "web").Refused(75, "origin", "volumes/");
        box.Kvol("clone", "web", "old").Refused(73, "already exists");
        box.Kvol("clone", "web@none", "x").Refused(66, "no such snapshot");
        box.Kvol("rm", "now").Ok();
        Assert.Equal(["web@s"], box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines); // what was taken for it went with it
        box.Kvol("clone", "--promote", "web", "heir").Ok();
        Assert.Equal("-", box.Get("origin", "$V/heir"));
        Assert.StartsWith($"{box.Pool}/kvol/volumes/heir@", box.Get("origin", "$V/web"));
        box.Shell("$KVOL rm web && cat /$V/heir/f && ! zfs list $V/web 2>/dev/null").Ok();
    }
}
