using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Nfs;

/// <summary>What a host says that it uses stays in a shared store as long as it is used, and no longer.</summary>
[Trait("Needs", "Machine")]
public class LastingUses
{
    [Fact]
    public void What_is_mounted_in_a_root_directory_that_was_renamed_stays_recorded()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("db:/srv").Ok();
        a.Shell("mv $R $R.old && mkdir $R && $KVOL mount $R other:/x").Ok();
        a.Mount("db:/srv").Ok();
        a.Umount().Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "db").Refused(75, $"db: is mounted on the host a ({a.Id})");
        a.Shell("$KVOL umount $R.old").Ok();
        b.Kvol("rm", "db", "other").Ok();
    }

    [Fact]
    public void A_copy_in_another_mount_namespace_stays_recorded_until_it_is_gone()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Shell("mkdir $R/srv && $KVOL mount $R web:/srv").Ok(); // a mount point that kvol made would go, and the copy with it
        using var copy = Begin(box, a, "unshare -m --propagation private sh -c 'touch $T/begun; while [ ! -e $T/end ]; do sleep 0.1; done; "
            + "exit 0'");
        a.Shell("mkdir $T/a/other && $KVOL mount $T/a/other web:/x:ro").Ok();
        a.Umount().Ok();
        b.Fill("/srv");
        b.Mount("web:/srv").Refused(75, $"on the host a ({a.Id}): {a.Root}/srv"); // the copy can be written to
        a.Shell("$KVOL umount $T/a/other").Ok();
        Assert.Equal("", a.Kvol("gc").Ok().Out);
        b.Kvol("rm", "web").Refused(75, $"web: is mounted on the host a ({a.Id}): {a.Root}/srv",
            $"run there: kvol --root {box.Top}/store/kvol gc; ");
        End(box, copy);
        b.Kvol("rm", "web").Refused(75);
        Assert.Contains("web: was recorded as used on this host", a.Kvol("gc").Ok().Out);
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_mount_that_was_detached_stays_recorded_until_its_processes_end()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Shell("mkdir $R/srv && $KVOL mount $R web:/srv").Ok();
        using var process = Begin(box, a, "cd $R/srv && touch $T/begun; while [ ! -e $T/end ]; do sleep 0.1; done");
        a.Shell("umount -l $R/srv").Ok();
        Assert.Equal("", a.Kvol("gc").Ok().Out);
        b.Kvol("rm", "web").Refused(75, $"on the host a ({a.Id})");
        a.Umount().Ok();
        b.Kvol("rm", "web").Refused(75, $"on the host a ({a.Id})");
        End(box, process);
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_jail_stops_though_the_server_does_not_let_its_host_write()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("attach", "www", a.Root, "web:/srv").Ok();
        a.Mount("db:/db").Ok();
        box.Shell($"chattr +i {box.Top}/export/kvol/hosts/{a.Id}/*.json").Ok();
        var ended = a.Kvol("detach", "www").Ok();
        Assert.Contains("the store may still say that this host uses what was unmounted there", ended.Err);
        Assert.Contains("to remove that record later: kvol gc", ended.Err);
        Assert.Contains("no jail of this name is attached", a.Kvol("detach", "www").Ok().Err);
        Assert.Contains("later: kvol gc", a.Umount().Ok().Err);
        Assert.Equal("", a.Shell("grep -l '\"origin\"' $KVOL_RUN/roots/*.json; grep \" $R/\" /proc/self/mountinfo").Out);
        b.Kvol("rm", "web").Refused(75);
        box.Shell($"chattr -i {box.Top}/export/kvol/hosts/{a.Id}/*.json").Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web", "db").Ok();
    }

    [Fact]
    public void A_mount_outlasts_the_mount_through_which_the_store_was_seen()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("web:/srv").Ok();
        a.Shell("umount -l $X && mount -t nfs -o nosharecache,vers=4.2 127.0.0.1:$T/export $X").Ok();
        foreach (var command in new[] { "rm web", "rm -f web", "rename web other" })
        {
            a.Shell($"$KVOL {command}").Refused(75, $"web: is mounted on the host a ({a.Id}): {a.Root}/srv; that is this host",
                $"unmount it first: kvol umount {a.Root} /srv");
        }

        Assert.Equal("", a.Kvol("gc").Ok().Out);
        Assert.Equal(75, a.Kvol("gc", "--forget-host", a.Id).Exit);
        a.Mount("other:/x").Ok();
        a.Umount("/x").Ok();
        b.Kvol("rm", "web").Refused(75, $"web: is mounted on the host a ({a.Id}): {a.Root}/srv", $"kvol gc --forget-host {a.Id}");
        a.Shell($"$KVOL umount {a.Root} /srv").Ok();
        a.Kvol("rm", "web", "other").Ok();
    }

    [Fact]
    public void The_mark_of_a_killed_export_is_locked_until_it_is_removed()
    {
        using var box = new NfsBox();
        var a = box.Host("a");
        var calls = a.Shell("$KVOL create web >&2 && touch \"$S/locks/read-x-web@1\" && strace -f -y -qq -e trace=flock,close,unlinkat "
            + "-o $T/calls $KVOL gc >&2; grep -o '[a-z]*(.*read-x-web@1' $T/calls | sed 's/(.*//'");
        Assert.True(calls.Lines is ["flock", "unlinkat", ..], calls.Out + calls.Err);
        Assert.Equal("", a.Shell("ls $S/locks | grep @").Out);
    }

    // A command that says by a file that it has begun, and ends by another one.
    private static GuestCommand Begin(NfsBox box, NfsHost host, string script)
    {
        var command = host.StartShell(script);
        box.Shell($"for i in $(seq 100); do [ -e {box.Top}/begun ] && exit; sleep 0.1; done; exit 1").Ok();
        return command;
    }

    private static void End(NfsBox box, GuestCommand command)
    {
        box.Shell($"touch {box.Top}/end").Ok();
        command.Wait().Ok();
    }
}
