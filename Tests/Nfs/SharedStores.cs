using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Nfs;

/// <summary>A directory store on NFS that two hosts use.</summary>
[Trait("Needs", "Machine")]
public class SharedStores
{
    [Theory]
    [InlineData("vers=4.2", "vers=4.1")]
    [InlineData("vers=3", "vers=4.2")]
    public void What_one_host_has_mounted_the_other_leaves_alone(string optionsOfA, string optionsOfB)
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a", optionsOfA), box.Host("b", optionsOfB));
        a.Fill("/srv");
        a.Kvol("attach", "www", a.Root, "web:/srv").Ok();
        Assert.Contains(a.Kvol("mounts", "-H").Ok().Lines, l => l.StartsWith("volume\tweb\trw\twww\t"));

        foreach (var command in new[] { "rm web", "rm -f web", "rename web other", "release web $T/out", "seed web $R" })
        {
            var refused = b.Shell($"$KVOL {command}");
            Assert.Equal(command.StartsWith("seed") ? 73 : 75, refused.Exit);
            if (!command.StartsWith("seed"))
            {
                Assert.Contains($"is mounted on the host a ({a.Id}): {a.Root}/srv", refused.Err);
                Assert.Contains($"kvol umount {a.Root} /srv", refused.Err);
                Assert.Contains($"kvol gc --forget-host {a.Id}", refused.Err);
            }
        }

        Assert.Equal("", b.Kvol("prune", "-y", "--all").Out);
        var mount = b.Inspect("web").GetProperty("mountpoints")[0];
        Assert.Equal(("a", a.Id, "www", $"{a.Root}/srv"), (mount.GetProperty("host").GetString(), mount.GetProperty("host_id").GetString(),
            mount.GetProperty("jail").GetString(), mount.GetProperty("path").GetString()));
        Assert.Contains($"a:{a.Root}/srv", b.Kvol("mounts").Ok().Out);
        Assert.Contains($"host a ({a.Id}): uses web", b.Kvol("doctor").Out);
        Assert.Contains($"host a ({a.Id}): this host, uses web", a.Kvol("doctor").Out);

        // Both may use it, and it is free when neither does.
        b.Mount("web:/data").Ok();
        Assert.Equal("1\n", b.Shell("cat $R/data/f1").Ok().Out);
        a.Kvol("detach", "www").Ok();
        Assert.Equal(75, a.Kvol("rm", "web").Exit);
        b.Umount().Ok();
        a.Kvol("rm", "web").Ok();
        Assert.Equal("", b.Shell("ls $S/hosts/*/*.json 2>/dev/null; $KVOL ls -q").Ok().Out);
    }

    [Fact]
    public void Under_its_lock_a_host_sees_at_once_what_the_other_did()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b", "vers=3"));
        a.Kvol("create", "one").Ok();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(66, b.Kvol("rename", $"web{round}", "x").Exit); // and remembers that there is no such name
            a.Fill($"/srv{round}");
            a.Mount($"web{round}:/srv{round}").Ok();
            a.Umount().Ok();
            b.Mount($"web{round}:/srv{round}:nocreate").Ok();
            Assert.Equal("1\n", b.Shell($"cat $R/srv{round}/f1").Ok().Out);
            Assert.Equal(75, a.Kvol("rm", $"web{round}").Exit);
            b.Umount().Ok();
            a.Kvol("rename", $"web{round}", $"old{round}").Ok();
            Assert.Equal(66, b.Kvol("set", $"web{round}", "label.a=b").Exit);
            b.Kvol("set", $"old{round}", $"label.a={round}").Ok();
            Assert.Equal($"{round}", a.Inspect($"old{round}").GetProperty("labels").GetProperty("a").GetString());
        }
    }

    [Fact]
    public void What_another_host_changed_while_the_lock_was_awaited_is_seen()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b", "vers=3,acdirmin=60"));
        a.Kvol("create", "web").Ok();
        b.Kvol("set", "web", "label.y=1").Ok(); // its client now knows the names that a lock looks for
        using var holder = a.StartShell("flock $S/locks/web sh -c 'touch $T/held; sleep 4; mv $S/volumes/web $S/volumes/moved'");
        box.Shell($"for i in $(seq 100); do [ -e {box.Top}/held ] && exit; sleep 0.1; done; exit 1").Ok();
        Assert.Equal(66, b.Kvol("set", "web", "label.x=1").Exit);
        holder.Wait().Ok();
        Assert.DoesNotContain("\"x\"", a.Shell("cat $S/volumes/moved/volume.json").Ok().Out);
    }

    [Fact]
    public void Of_two_hosts_that_mount_a_new_volume_one_seeds_it()
    {
        using var box = new NfsBox();
        NfsHost[] hosts = [box.Host("a"), box.Host("b", "vers=3")];
        foreach (var host in hosts)
        {
            host.Shell("mkdir -p $R/srv; for i in $(seq 200); do echo $HOSTNAME >$R/srv/f$i; done; hostname >$R/srv/who").Ok();
        }

        hosts[0].Kvol("init").Ok();
        var running = hosts.Select(h => h.StartKvol("mount", h.Root, "web:/srv:ro")).ToArray();
        Assert.All(running, r => r.Wait(300).Ok());
        var names = hosts.Select(h => h.Shell("ls $R/srv | wc -l; cat $R/srv/who").Ok().Out).ToArray();
        Assert.StartsWith("201\n", names[0]);
        Assert.Equal(names[0], names[1]);
    }

    [Fact]
    public void A_writable_mount_elsewhere_forbids_a_seeding_and_a_read_only_one_sees_it()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        a.Mount("web:/data").Ok();
        b.Fill("/srv");
        var refused = b.Mount("web:/srv");
        Assert.Equal(75, refused.Exit);
        Assert.Contains($"web: is mounted on the host a ({a.Id}): {a.Root}/data", refused.Err);
        a.Umount().Ok();
        a.Mount("web:/data:ro").Ok();
        b.Mount("web:/srv").Ok();
        Assert.Equal("1\n", a.Shell("cat $R/data/f1").Ok().Out);
    }

    [Fact]
    public void A_record_ends_with_the_first_command_after_the_hosts_boot_and_not_before()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("web:/srv", "db:/db:ro").Ok();
        a.Reboot();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        b.Kvol("gc").Ok();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        Assert.Contains("web: was recorded as used on this host before the last boot; would remove", a.Kvol("gc", "-n").Ok().Out);
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Kvol("create", "third").Ok();
        b.Kvol("rm", "web", "db").Ok();
    }

    [Fact]
    public void The_administrator_forgets_a_host_that_will_not_come_back()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("web:/srv", "db:/db").Ok();
        Assert.Equal(64, b.Kvol("gc", "--forget-host", "../a").Exit);
        Assert.Equal(66, b.Kvol("gc", "--forget-host", "0123").Exit);
        Assert.Equal(75, a.Kvol("gc", "--forget-host", a.Id).Exit);
        var would = b.Kvol("gc", "-n", "--forget-host", a.Id).Ok();
        Assert.Equal(2, would.Lines.Length);
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        var done = b.Kvol("gc", "--forget-host", a.Id).Ok();
        Assert.Contains($"web: is no longer recorded as used on the host {a.Id}", done.Out);
        b.Kvol("rm", "web", "db").Ok();
    }

    [Fact]
    public void Gc_removes_the_record_of_what_was_unmounted_without_kvol()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("web:/srv", "db:/db").Ok();
        a.Shell("umount $R/srv").Ok();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        Assert.Contains("web: was recorded as used on this host", a.Kvol("gc").Ok().Out);
        b.Kvol("rm", "web").Ok();
        Assert.Equal(75, b.Kvol("rm", "db").Exit);
    }

    [Fact]
    public void A_mount_that_fails_leaves_no_record()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Assert.NotEqual(0, a.Mount("web:/srv", "/nowhere:/host").Exit);
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void Who_waits_for_another_host_is_told_its_name()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b", "vers=3"));
        a.Kvol("create", "web").Ok();
        using var holder = a.StartShell("exec 9<>$S/locks/web; flock 9; printf '4711           \\na%62s\\n' '' >&9; sync; sleep 20");
        Assert.Equal("", b.Shell("for i in $(seq 50); do flock -n $S/locks/web true || exit 0; sleep 0.2; done; exit 1").Ok().Out);
        var refused = b.Kvol("rm", "web", "--wait", "1");
        Assert.Equal(75, refused.Exit);
        Assert.Contains("locked by pid 4711 on the host a", refused.Err);
    }

    [Fact]
    public void What_another_host_exports_is_not_removed()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Shell("$KVOL create web && head -c 40M /dev/zero >$S/volumes/web/data/big").Ok();
        using var export = a.StartShell("$KVOL export web | { head -c 1 >/dev/null; touch $T/begun; sleep 15; cat >/dev/null; }");
        box.Shell($"for i in $(seq 100); do [ -e {box.Top}/begun ] && exit; sleep 0.1; done; exit 1").Ok();
        var refused = b.Kvol("rm", "web");
        Assert.Equal(75, refused.Exit);
        Assert.Contains("is being exported by process", refused.Err);
        export.Wait(60).Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_removed_file_that_is_open_is_named_and_gc_deletes_it_later()
    {
        using var box = new NfsBox();
        var a = box.Host("a");
        a.Fill("/srv");
        a.Shell("$KVOL create web && $KVOL seed web $R/srv").Ok();
        var removed = a.Shell("exec 8<$S/volumes/web/data/f2; $KVOL rm web; echo $?; $KVOL ls -q; exec 8<&-; $KVOL gc; ls -A $S/volumes");
        Assert.Equal(["75"], removed.Lines.Where(l => l.Length > 0 && !l.Contains("crash")));
        Assert.Contains("still has this removed file open", removed.Err);
    }

    [Theory]
    [InlineData("vers=4.2")]
    [InlineData("vers=3")]
    public void What_a_killed_command_left_is_swept_and_what_another_host_writes_is_not(string options)
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a", options), box.Host("b", "vers=4.1"));
        a.Shell("$KVOL create web && touch $S/.kvol-new-1 $S/volumes/.kvol-new-2 $S/.kvol-new-3 && mkdir $S/.kvol-new-4").Ok();
        using var writer = b.StartShell("exec 9<>$S/.kvol-new-3; flock 9; touch $T/begun; sleep 100");
        box.Shell($"for i in $(seq 100); do [ -e {box.Top}/begun ] && exit; sleep 0.1; done; exit 1").Ok();
        Assert.Equal(2, a.Kvol("gc").Ok().Lines.Length);
        Assert.Equal([".kvol-new-3", ".kvol-new-4"], a.Shell("ls -A $S $S/volumes | grep '^[.]kvol-new'").Lines);
    }

    [Fact]
    public void A_copy_of_a_host_with_its_id_is_another_host()
    {
        using var box = new NfsBox();
        var a = box.Host("a");
        var copy = box.Host("b", id: a.Id);
        copy.Reboot();
        a.Mount("web:/srv").Ok();
        Assert.Equal(75, copy.Kvol("rm", "web").Exit);
        copy.Kvol("gc").Ok();
        Assert.Equal(75, copy.Kvol("rm", "web").Exit);
        var refused = copy.Mount("web:/srv");
        Assert.Equal(78, refused.Exit);
        Assert.Contains("has the same id as this one", refused.Err);
        Assert.Contains("has the same id as this host", copy.Kvol("doctor").Out);
    }

    [Fact]
    public void A_damaged_record_blocks_its_volume_alone_and_is_named()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        a.Kvol("create", "db").Ok();
        a.Shell("umask 077; mkdir -p $S/hosts/x1 $S/hosts/.odd && echo '{' >$S/hosts/x1/web.json && echo x >$S/hosts/x1/.hidden.json && "
            + "echo x >$S/hosts/x1/db && echo '{}' >$S/hosts/.odd/db.json").Ok();
        var refused = b.Kvol("rm", "web");
        Assert.Equal(75, refused.Exit);
        Assert.Contains("x1/web.json is damaged", refused.Err);
        Assert.Contains("x1/web.json", b.Kvol("doctor").Out);
        b.Kvol("rm", "db").Ok();
        b.Kvol("gc", "--forget-host", "x1").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void What_nfs_cannot_keep_is_listed_and_the_rest_is_copied()
    {
        using var box = new NfsBox();
        var a = box.Host("a");
        a.Fill("/srv");
        a.Shell("chattr +i $R/srv/f1 2>/dev/null; setfacl -m u:33:r $R/srv/f2; chown 1:2 $R/srv/f3; chmod 4751 $R/srv/f3").Ok();
        var mounted = a.Mount("web:/srv").Ok();
        Assert.Contains("f2: POSIX.1e ACL", mounted.Err);
        Assert.Equal("1:2 4751\n", a.Shell("stat -c '%u:%g %a' $R/srv/f3").Ok().Out);
        _ = a.Shell("umount $R/srv; chattr -i $R/srv/f1");
        var snapshot = a.Kvol("snapshot", "web");
        Assert.Equal(69, snapshot.Exit);
        Assert.Contains("NFS cannot exchange two names", snapshot.Err);
    }
}
