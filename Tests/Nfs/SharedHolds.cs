using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Nfs;

/// <summary>What a host uses of a store on NFS without a mount of a volume: it holds it, or has a snapshot mounted.</summary>
[Trait("Needs", "Machine")]
public class SharedHolds
{
    [Theory]
    [InlineData("oci")]
    [InlineData("plugin")]
    public void What_one_host_holds_the_other_leaves_alone(string kind)
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b", "vers=3"));
        a.Kvol("create", "web").Ok();
        Take(a, kind, "web");
        var who = kind == "oci" ? $"the container in {a.Root}" : "the volume plugin for plugin:one";
        foreach (var command in new[] { "rm web", "rm -f web", "rename web other", "release web $T/out" })
        {
            var refused = b.Shell($"$KVOL {command}");
            Assert.Equal(75, refused.Exit);
            Assert.Contains($"web: is used on the host a ({a.Id}): {who}", refused.Err);
            Assert.Contains($"kvol detach {kind}:", refused.Err);
            Assert.Contains($"kvol gc --forget-host {a.Id}", refused.Err);
        }

        Assert.Equal("", b.Kvol("prune", "-y", "--all").Out);
        b.Fill("/srv");
        Assert.Equal(75, b.Mount("web:/srv").Exit); // it may write
        var use = b.Inspect("web").GetProperty("mountpoints")[0];
        Assert.Equal((kind, "a", false), (use.GetProperty("type").GetString(), use.GetProperty("host").GetString(),
            use.GetProperty("read_only").GetBoolean()));
        Assert.Contains($"host a ({a.Id}): uses web", b.Kvol("doctor").Out);
        Assert.Equal("", a.Kvol("gc").Ok().Out);
        Assert.Equal(75, b.Kvol("rm", "web").Exit);

        Release(a, kind, "web");
        Assert.Equal("", b.Shell("ls $S/hosts/*/*.json 2>/dev/null").Out);
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_hold_ends_as_often_as_it_began_and_not_with_a_mount_of_the_same_volume()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Take(a, "plugin", "web");
        Take(a, "plugin", "web");
        a.Mount("web:/srv").Ok();
        Take(a, "oci", "web"); // in the same root directory
        Release(a, "plugin", "web");
        a.Umount().Ok();
        b.Kvol("rm", "web").Refused(75, "the volume plugin");
        Release(a, "plugin", "web");
        b.Kvol("rm", "web").Refused(75, $"the container in {a.Root}");
        a.Mount("web:/srv").Ok();
        Release(a, "oci", "web");
        b.Kvol("rm", "web").Refused(75, $"web: is mounted on the host a ({a.Id}): {a.Root}/srv");
        a.Umount().Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_hold_that_was_ended_by_hand_stays_recorded_as_long_as_its_container_has_the_volume()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Take(a, "oci", "web");
        using var container = a.StartShell("unshare -m --propagation private sh -c 'mount --bind $S/volumes/web/data $R && touch $T/begun; "
            + "while [ ! -e $T/end ]; do sleep 0.1; done'");
        box.Shell($"for i in $(seq 100); do [ -e {box.Top}/begun ] && exit; sleep 0.1; done; exit 1").Ok();
        Release(a, "oci", "web");
        b.Kvol("rm", "web").Refused(75, $"web: is mounted on the host a ({a.Id}): {a.Root}", "end the processes that use it; ");
        box.Shell($"touch {box.Top}/end").Ok();
        container.Wait().Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_hold_that_no_process_released_ends_with_the_boot_or_by_hand()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        a.Kvol("create", "db").Ok();
        Take(a, "plugin", "web");
        a.Reboot();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();

        Take(a, "plugin", "db");
        Assert.Equal(75, b.Kvol("rm", "db").Exit);
        a.Kvol("detach", "one").Ok();
        b.Kvol("rename", "db", "web").Ok();

        // A release that was killed has ended the hold here, and not in the store.
        Take(a, "plugin", "web");
        Take(a, "oci", "web");
        a.Shell("rm $KVOL_RUN/holds/plugin-*").Ok();
        Assert.Contains("would remove", a.Kvol("gc", "-n").Ok().Out);
        b.Kvol("rm", "web").Refused(75, "the volume plugin");
        Assert.Contains("web: was recorded as used on this host", a.Kvol("gc").Ok().Out);
        Assert.DoesNotContain("the volume plugin", b.Kvol("rm", "web").Err);
        b.Kvol("rm", "web").Refused(75, "the container");
        a.Shell("rm $KVOL_RUN/holds/*; rmdir $R").Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_release_where_another_store_is_in_use_says_what_is_left()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Take(a, "plugin", "web");
        var last = $"kvol --root {box.Top}/store/kvol gc";
        Assert.Contains($"kvol detach plugin:one; if it is still recorded then, run there: {last}; ", b.Kvol("rm", "web").Err);
        var ended = a.Shell("KVOL_ROOT=$T/a/local $KVOL detach one").Ok();
        Assert.Contains($"web: the store {box.Top}/store/kvol is not the one in use", ended.Err);
        Assert.Contains($"to remove that: {last}\n", ended.Err);
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Shell($"KVOL_ROOT=$T/a/local; kvol() {{ $KVOL \"$@\"; }}; {last}").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_release_that_the_store_cannot_record_succeeds_and_says_what_is_left()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Take(a, "plugin", "web");
        a.Shell("mount -o remount,ro $X").Ok();
        var ended = a.Kvol("detach", "one").Ok();
        Assert.Contains("web: the store still says that client one of the volume plugin uses it", ended.Err);
        Assert.Contains("kvol gc", ended.Err);
        Assert.Equal(["web"], a.Kvol("ls", "-q").Ok().Lines);
        a.Mount("web:/srv:ro").Refused(73, "is read-only");
        a.Shell("mount -o remount,rw $X").Ok();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_hook_that_cannot_print_leaves_no_hold_in_the_store()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Kvol("create", "web").Ok();
        Assert.NotEqual(0, a.Shell(Config("web") + " | $KVOL oci precreate >/dev/full").Exit);
        b.Kvol("rm", "web").Ok();
        Assert.Equal("", b.Shell("ls $S/hosts/*/*.json 2>/dev/null").Out);
    }

    [Fact]
    public void A_snapshot_that_another_host_has_mounted_stays()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        // As the store had it before it was exported: NFS takes no snapshots.
        a.Shell("$KVOL create web && umask 077 && for s in one two; do d=$S/volumes/web/snapshots/$s; mkdir -p $d/data && "
            + "echo '{\"created\":\"2026-01-01T00:00:00Z\"}' >$d/snapshot.json && echo $s >$d/data/file || exit; done").Ok();
        a.Mount("web@one:/srv").Ok();
        Assert.Equal("one\n", a.Shell("cat $R/srv/file").Ok().Out);
        Assert.Contains($"volume\tweb@one\tro\t-\ta:{a.Root}/srv", string.Join('\n', b.Kvol("mounts").Ok().Lines.Select(Tabs)));
        var refused = b.Kvol("rm", "web@one");
        Assert.Equal(75, refused.Exit);
        Assert.Contains($"web@one: is mounted on the host a ({a.Id}): {a.Root}/srv", refused.Err);
        b.Kvol("rm", "web@two").Ok();
        b.Kvol("rename", "web", "other").Refused(75, $"web: is mounted on the host a ({a.Id})");
        a.Umount().Ok();
        b.Kvol("rm", "web@one").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_damaged_record_of_its_own_keeps_a_host_from_nothing_and_others_from_the_volume()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("web:/srv").Ok();
        a.Shell($"echo '{{' >$S/hosts/{a.Id}/web.json").Ok();
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Shell("mkdir $T/a/other && $KVOL mount $T/a/other web:/srv && $KVOL umount $T/a/other").Ok();
        Assert.Equal(75, b.Kvol("rm", "web").Exit); // it is still mounted in the first root directory
        Assert.Equal("", a.Kvol("gc").Ok().Out);
        Assert.Equal(75, b.Kvol("rm", "web").Exit);
        a.Umount().Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_host_that_was_renamed_forgets_itself_and_one_without_an_id_is_told_to_make_it()
    {
        using var box = new NfsBox();
        var a = box.Host("a");
        a.Mount("web:/srv", "db:/db").Ok();
        a.Reboot();
        a.Shell("hostname new").Ok();
        a.Mount("other:/other").Ok();
        var refused = a.Mount("web:/srv");
        Assert.Equal(78, refused.Exit);
        Assert.Contains($"if this host had that name: kvol gc --forget-host {a.Id}", refused.Err);
        Assert.Equal(2, a.Kvol("gc", "--forget-host", a.Id).Ok().Lines.Length);
        a.Mount("web:/srv").Ok();
        Assert.Contains("uses other, web", a.Kvol("doctor").Out);

        var b = box.Host("b", id: "uninitialized");
        var without = b.Mount("web:/srv");
        Assert.Equal(78, without.Exit);
        Assert.Contains("systemd-machine-id-setup", without.Err);
    }

    private static string Tabs(string line) => string.Join('\t', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static void Take(NfsHost host, string kind, string volume)
    {
        if (kind == "oci")
        {
            host.Shell(Config(volume) + " | $KVOL oci precreate | grep -o '\"org.kvol.hold\": *\"[^\"]*\"' >$KVOL_RUN/hold").Ok();
        }
        else
        {
            Assert.Contains("/volumes/web/data".Replace("web", volume, StringComparison.Ordinal), Call(host, "Mount", volume));
        }
    }

    private static void Release(NfsHost host, string kind, string volume)
    {
        if (kind == "oci")
        {
            host.Shell("printf '{\"annotations\": {%s}}' \"$(cat $KVOL_RUN/hold)\" | $KVOL oci poststop").Ok();
        }
        else
        {
            Call(host, "Unmount", volume);
        }
    }

    private static string Config(string volume) =>
        "printf '{\"ociVersion\": \"1.0.2\", \"root\": {\"path\": \"%s\"}, \"annotations\": {\"org.kvol.volume.1\": \"" + volume
            + ":/held\"}, \"mounts\": []}' $R";

    private static string Call(NfsHost host, string call, string volume)
    {
        var request = PluginLink.Request("/VolumeDriver." + call, $"{{\"Name\": \"{volume}\", \"ID\": \"one\"}}");
        var answer = host.Shell($"printf '%b' '{request.Replace("\r\n", "\\r\\n", StringComparison.Ordinal)}' | $KVOL plugin").Ok().Out;
        Assert.StartsWith("HTTP/1.1 200", answer);
        return answer;
    }
}
