using System;
using System.Linq;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>With <c>trash</c> in the configuration, a removed dataset is kept, unmounted, and comes back as it was.</summary>
[Trait("Needs", "Machine")]
public class WaysBackOnDatasets(ITestOutputHelper output)
{
    [Fact]
    public void A_removed_volume_comes_back_with_all_that_it_had()
    {
        using var box = Trash();
        box.Shell("$KVOL create web -l tier=front --quota 100M -o compression=gzip -o canmount=on && echo 1 >/$V/web/f"
            + " && $KVOL snapshot web@s && $KVOL create plain && echo 2 >/$V/plain/f").Ok();
        // A mountpoint of its own: below a directory of root's, as kvol wants it.
        box.Shell("mkdir -p -m 700 $T/own && zfs set mountpoint=$T/own/web $V/web").Ok();
        var before = Properties(box);
        box.Kvol("rm", "web").Refused(75, "@s", "rm -f");
        box.Kvol("rm", "-f", "web").Ok();
        box.Kvol("rm", "plain").Ok();
        box.Shell("zfs mount -a && test -z \"$($KVOL ls -q)\" && ! grep -q $S/deleted/ /proc/self/mounts && test ! -e $T/own/web/f"
            + " && test -z \"$($KVOL gc)\" && zpool export $P && zpool import -d $T $P && zfs mount -a"
            + " && ! grep -q $S/deleted/ /proc/self/mounts").Ok();
        Assert.Contains("2 are kept and take", box.Kvol("doctor").Out);
        Assert.Matches(@"(?m)^\(2 deleted\) ", box.Kvol("df").Ok().Out);
        box.Shell("$KVOL create web --quota 50M && $KVOL rm --now web && $KVOL undelete web plain").Ok();
        Assert.Equal(before, Properties(box));
        Assert.Equal("1\n2\n", box.Shell("cat $T/own/web/f /$V/plain/f && zfs list $V/web@s >/dev/null").Ok().Out);
        Assert.Equal("", box.Shell("zfs list -H -o name -r -d 1 $S/deleted | tail -n +2").Ok().Out);
    }

    [Fact]
    public void The_commands_that_return_are_printed_and_work()
    {
        using var box = Trash();
        box.Shell("for i in 1 2; do $KVOL create web && echo $i >/$V/web/f && $KVOL rm -v web 2>>$T/back; done").Ok();
        box.Shell("sed -n 's/.*: kvol/$KVOL/p' $T/back >$T/typed && test $(wc -l <$T/typed) = 2 && export KVOL"
            + " && sh -c \"$(head -1 $T/typed)\" && grep -q 1 /$V/web/f && ! sh -c \"$(tail -1 $T/typed)\" 2>$T/err"
            + " && grep -q 'already exists, created' $T/err").Ok();
        // compression is inherited, so what comes back is its value.
        box.Shell("export KVOL; $KVOL set -v web compression=off atime=on quota=10M label.a=1 2>$T/set"
            + " && sh -c \"$(sed -n 's/.*: kvol/$KVOL/p' $T/set)\" && $KVOL get -H web >$T/now"
            + " && grep -q 'quota.none' $T/now && ! grep -q label.a $T/now").Ok();
        Assert.Equal("kvol: web@a: what was written since is lost, and so are the newer snapshots web@b\n",
            box.Shell("for s in a b; do $KVOL snapshot web@$s; done >/dev/null && $KVOL rollback -rv web@a 2>&1 >/dev/null").Ok().Out);
        Assert.Contains(": kvol rollback -r other@a\n", box.Shell(
            "$KVOL create base && $KVOL snapshot base@a && $KVOL export base@a --format zfs | $KVOL import other -q"
            + " && echo x >/$V/base/f && $KVOL snapshot base@b"
            + " && $KVOL export base@b --format zfs -i a | $KVOL import --into -v other 2>&1 >/dev/null").Ok().Out);
        box.Shell("grep -q x /$V/other/f && $KVOL rollback -r other@a && ! test -e /$V/other/f").Ok();
    }

    [Fact]
    public void What_depends_on_a_removed_volume_or_on_which_it_depends_is_named()
    {
        using var box = Trash();
        box.Shell("$KVOL create web && $KVOL snapshot web@a && $KVOL clone web@a test").Ok();
        box.Kvol("rm", "-f", "web").Refused(75, "origin", "test");
        box.Kvol("rm", "test").Ok();
        var id = box.Shell("$KVOL ls --deleted -H | cut -f2").Ok().Out.Trim();
        box.Kvol("rm", "web@a").Refused(75, "kvol rm --deleted " + id);
        box.Kvol("rm", "-f", "--now", "web").Refused(75, "kvol rm --deleted " + id);
        box.Kvol("rm", "-f", "web").Ok(); // both are kept
        box.Shell("$KVOL undelete web && $KVOL rm --deleted test && $KVOL rm web@a").Ok();
        box.Shell("zfs create $V/web/inside").Ok();
        box.Kvol("rm", "web").Refused(75, "inside");
        box.Shell("zfs destroy $V/web/inside && mkdir $T/hand && export KVOL"
            + " && unshare -m sh -c 'mount -t zfs -o zfsutil $V/web $T/hand && $KVOL rm web'").RefusedAny(75);
    }

    [Fact]
    public void Killed_at_any_step_the_volume_is_there_or_kept()
    {
        using var box = Trash();
        box.Shell("mkdir -m 700 $T/own && $KVOL create web && zfs set mountpoint=$T/own/web $V/web && echo 1 >$T/own/web/f"
            + " && $KVOL snapshot web@s").Ok();
        var before = Properties(box);
        var stride = Campaign.Size("ZFS_KILLS", 0) > 0 ? 1 : 3; // the machine is slow, so the short run kills at each third step
        foreach (var verb in (string[])["rm -f web", "undelete web"])
        {
            for (var which = 1; ; which += stride)
            {
                var killed = box.Shell((verb[0] == 'u' ? "$KVOL rm -f web && " : "")
                    + "strace -f -qq -o /dev/null -e trace=ioctl,umount2,mount "
                    + $"-e inject=ioctl,umount2,mount:signal=SIGKILL:when={which} $KVOL {verb}").Exit == 137;
                // What was cut off in the middle is completed by gc, or by the next command that takes the volume's lock. A dataset that is
                // still there may be unmounted.
                box.Shell("$KVOL gc && if test -z \"$($KVOL ls -q)\"; then zfs mount -a && ! grep -q $S/deleted/ /proc/self/mounts"
                    + " && $KVOL undelete web; fi && $KVOL set -q web label.a=1 && $KVOL set -q web label.a= && zfs mount -a").Ok();
                Assert.Equal(before, Properties(box));
                box.Shell("grep -q 1 $T/own/web/f && zfs list $V/web@s >/dev/null").Ok();
                if (!killed)
                {
                    break;
                }
            }
        }
    }

    [Fact]
    public void A_jail_starts_from_one_instant_or_not_at_all()
    {
        using var box = new ZfsBox();
        box.Shell("mkdir $R/a $R/b $R/c && for v in web db; do $KVOL create $v && echo 1 >/$V/$v/f; done").Ok();
        box.Shell("$KVOL attach --snapshot -v www $R web:/a db:/b new:/c 2>$T/back").Ok();
        Assert.Equal(["db", "web"], box.Shell("$KVOL ls -t snapshot -q | sed 's/@attach-.*Z$//'").Ok().Lines.Order());
        Assert.Single(box.Shell("zfs list -H -t snapshot -o createtxg -r $V").Ok().Lines.Distinct());
        box.Shell("export KVOL; for v in web db; do echo 2 >/$V/$v/f; done; $KVOL detach www"
            + " && sh -c \"$(sed -n 's/.*: kvol/$KVOL/p' $T/back)\" && grep -q 1 /$V/web/f && grep -q 1 /$V/db/f").Ok();
        box.Shell("zfs set refreservation=auto $V/web 2>/dev/null || zfs set refreservation=300M $V/web; "
            + "dd if=/dev/urandom of=/$V/web/big bs=1M count=200 2>/dev/null; sync; zfs list -H -o avail $P").Ok();
        var before = box.Shell("zfs list -H -t snapshot -o name -r $V").Ok().Out;
        box.Kvol("attach", "--snapshot", "www", box.Top + "/root", "web:/a").Refused(75, "no room", "--snapshot");
        Assert.Equal(before, box.Shell("zfs list -H -t snapshot -o name -r $V; ! grep -q $R /proc/self/mounts").Ok().Out);
    }

    [Fact]
    public void Each_printed_way_back_brings_back_what_there_was_or_says_what_overtook_it()
    {
        var campaign = new Campaign(output, "ways back on ZFS");
        using var box = Trash();
        var model = new WaysOut(new OnDatasets(box), new Random(Campaign.Seed), campaign);
        for (var n = Campaign.Size("ZFS_WAYS", 2); n > 0; n--)
        {
            model.Run(steps: 8);
        }

        campaign.End();
    }

    private sealed class OnDatasets(ZfsBox box) : IWaysStore
    {
        public Result Run(params string[] arguments) => box.Kvol(arguments);

        public Result Shell(string script) => box.Shell(script);

        public bool Has(string volume) => box.Shell($"zfs list $V/{volume}").Exit == 0;

        public void Write(string volume, int file, int number) => box.Shell($"echo {number} >/$V/{volume}/f{file}").Ok();

        public (string Content, string Labels) StateOf(string volume) => (
            box.Shell($"cd /$V/{volume} && for f in $(ls); do echo $f $(cat $f); done").Ok().Out,
            box.Shell($"zfs get -H -s local -o property,value all $V/{volume} | grep kvol:label || true").Ok().Out);
    }

    private static ZfsBox Trash()
    {
        var box = new ZfsBox();
        box.Shell("echo 'trash = 7d' >$KVOL_CONFIG").Ok();
        return box;
    }

    /// <summary>All properties of the volumes that a removal could change, with their sources.</summary>
    private static string Properties(ZfsBox box) => box.Shell(
        "zfs get -H -p -r -t filesystem -o name,property,value,source all $V"
        + " | grep -Ev '\t(used|available|written|referenced|usedby.*|logical.*|.*compressratio|snapshots_changed|createtxg|.*_count)\t'"
        + " | grep -v \"^$V\t\"").Ok().Out;
}
