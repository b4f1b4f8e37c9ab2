using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Snapshots of datasets that are mounted in root directories, and owners that a user namespace maps.</summary>
[Trait("Needs", "Machine")]
public class SnapshotsAreMounted
{
    [Fact]
    public void The_snapshot_itself_is_mounted_in_two_jails_and_stays_until_both_let_go()
    {
        using var box = new ZfsBox();
        box.Shell("mkdir $T/second && $KVOL create web && echo old >/$V/web/f && $KVOL snapshot web@one && $KVOL snapshot web@two && "
            + "echo new >/$V/web/f").Ok();
        Assert.Contains($"mount -t zfs -o ro {box.Pool}/kvol/volumes/web@two {box.Top}/root/old",
            box.Kvol("mount", "-n", box.Top + "/root", "web@two:/old").Ok().Lines);
        box.Kvol("attach", "www", box.Top + "/root", "web:/now", "web@two:/old").Ok();
        box.Kvol("mount", box.Top + "/second", "web@two:/old").Ok();
        Assert.Equal("new\nold\nold\n", box.Shell("cat $R/now/f $R/old/f $T/second/old/f").Ok().Out);
        Assert.Equal($"{box.Pool}/kvol/volumes/web@two zfs\n", box.Shell("findmnt -rno SOURCE,FSTYPE $R/old").Ok().Out);
        Assert.Matches("^(.*,)?ro(,|$)", box.Shell("findmnt -rno VFS-OPTIONS $R/old").Ok().Out.Trim());
        box.Shell("! touch $R/old/f && ! mount -o remount,rw $R/old && ! touch $R/old/f").Ok();
        box.Kvol("attach", "www", box.Top + "/root", "web@two:/old").Ok(); // done already
        box.Kvol("mount", box.Top + "/root", "web@one:/old").Refused(75, "snapshot web@two is mounted there");

        box.Kvol("rm", "web@two").Refused(75, "web@two", "is mounted", box.Top + "/root/old", box.Top + "/second/old", "kvol umount");
        box.Kvol("rollback", "-r", "-f", "web@one").Refused(75, "web@two", "is mounted");
        box.Kvol("rm", "web").Refused(75, "mounted");
        box.Kvol("rename", "web", "w").Refused(75, "mounted");
        box.Shell("$KVOL umount $T/second && test ! -e $T/second/old").Ok();
        box.Kvol("rm", "web@two").Refused(75, box.Top + "/root/old");
        var mounts = JsonDocument.Parse(box.Kvol("mounts", "--json").Ok().Out).RootElement.EnumerateArray();
        Assert.Equal(["web", "web@two"], mounts.Select(m => m.GetProperty("source").GetString()).Order());
        box.Kvol("detach", "www", box.Top + "/root").Ok();
        Assert.Equal("", box.Shell("ls $R; findmnt -rno TARGET -R $R || true").Ok().Out.Replace(box.Top + "/root\n", ""));
        box.Kvol("rm", "web@two").Ok();
        box.Kvol("mount", box.Top + "/root", "web@two:/old").Refused(66, "no such snapshot", "one");
    }

    [Fact]
    public void A_rollback_to_it_leaves_it_and_what_looks_in_dot_zfs_is_no_use()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && echo old >/$V/web/f && $KVOL snapshot web@one && echo new >/$V/web/f").Ok();
        box.Mount("web@one:/old").Ok();
        box.Kvol("rollback", "web@one").Ok();
        Assert.Equal("old\nold\n", box.Shell("cat /$V/web/f $R/old/f").Ok().Out);
        box.Umount().Ok();
        box.Shell("cat /$V/web/.zfs/snapshot/one/f && $KVOL rm web@one").Ok();
    }

    [Fact]
    public void The_options_of_the_dataset_hold_and_a_path_inside_is_refused()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web -o setuid=off -o exec=off && $KVOL snapshot web@one").Ok();
        box.Mount("web@one:/old").Ok();
        var options = box.Shell("findmnt -rno VFS-OPTIONS $R/old").Ok().Out.Trim().Split(',');
        Assert.Contains("nosuid", options);
        Assert.Contains("noexec", options);
        Assert.DoesNotContain("nodev", options);
        box.Mount("web@one:/old").Ok(); // is the same
        box.Mount("web@one:/x:subpath=a").Refused(69, "as a whole", "kvol clone web@one NEW");
    }

    [Fact]
    public void A_failure_after_it_undoes_it_and_force_removes_the_volume()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && $KVOL snapshot web@one").Ok();
        box.Kvol("attach", "www", box.Top + "/root", "web@one:/a/old", "/absent:/z/z/z").Refused(66);
        Assert.Equal("", box.Shell("ls $R").Ok().Out);
        box.Mount("web@one:/old").Ok();
        box.Kvol("rm", "-f", "web").Ok();
        Assert.Equal("", box.Shell("ls $R; $KVOL ls -q").Ok().Out);
    }

    [Fact]
    public void Owners_are_mapped_where_this_ZFS_can_do_that()
    {
        using var box = new ZfsBox();
        var script = "unshare --user sleep 600 & n=$!; until grep -q sleep /proc/$n/comm; do sleep 0.1; done; "
            + "for m in uid gid; do echo 0 100000 65536 >/proc/$n/${m}_map; done; "
            + "$KVOL create web && echo x >/$V/web/f && $KVOL snapshot web@one && "
            + "$KVOL mount $R web:/now:idmap=/proc/$n/ns/user web@one:/old:idmap=/proc/$n/ns/user; s=$?; kill $n; "
            + "test $s = 0 && stat -c %u:%g $R/now/f $R/old/f; exit $s";
        var isOld = box.Shell("grep -Eq '^(0|2\\.[01])\\.' /sys/module/zfs/version").Exit == 0;
        var result = box.Shell(script);
        if (!isOld)
        {
            Assert.EndsWith("100000:100000\n100000:100000\n", result.Ok().Out, System.StringComparison.Ordinal);
        }
        else
        {
            result.Refused(69, "a mount of zfs cannot have 'idmap'");
        }
    }
}
