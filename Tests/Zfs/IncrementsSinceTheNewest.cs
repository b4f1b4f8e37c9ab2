using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary><c>export --since -</c>: an increment starts from the newest state that both sides have, also when the snapshot is gone from
/// the sending side.</summary>
[Trait("Needs", "Machine")]
public class IncrementsSinceTheNewest
{
    // A snapshot that a policy took long ago.
    private const string Old = "kvol-hourly-2020-01-01-0000Z";

    [Fact]
    public void Increments_go_on_through_prunings_and_after_a_rollback_on_the_receiving_side()
    {
        using var box = new ZfsBox();
        using var second = new ZfsBox();
        Start(box, second);
        Sent(box, second, "2", "web@1");

        // By hand, of what was sent last; by another program; and by the policy.
        box.Kvol("rm", "web@1").Ok();
        box.Kvol("rm", "web@2").Ok();
        Sent(box, second, "3", "web#kvol-sent-2");
        box.Shell($"zfs destroy $V/web@3 && zfs snapshot -o kvol:policy=hourly $V/web@{Old}").Ok();
        Send(box, second, Old, "web#kvol-sent-3");
        box.Kvol("set", "web", "snapshots=hourly:1").Ok();
        Assert.Contains($"web@{Old}: removed", box.Kvol("snapshot", "--due").Ok().Lines);
        Sent(box, second, "5", "web#kvol-sent-" + Old);
        Sent(box, second, "6", "web@5");
        second.Kvol("rollback", "-r", "web@2").Ok();
        Sent(box, second, "7", "web#kvol-sent-2");

        // A name of which the snapshot is gone.
        box.Kvol("rm", "web@7").Ok();
        box.Shell("echo 8 >/$V/web/f && $KVOL snapshot web@8 && $KVOL export web@8 --format zfs --since 7 | " + There(second)
            + " import --into web").Ok();
        Assert.Equal(box.Manifest("/$V/web"), second.Manifest("/$V/web"));
    }

    [Fact]
    public void What_is_in_the_way_on_the_other_side_is_said_and_nothing_common_names_the_full_export()
    {
        using var box = new ZfsBox();
        using var second = new ZfsBox();
        Start(box, second);
        box.Shell("echo 2 >/$V/web/f && $KVOL snapshot web@2").Ok();
        second.Shell("echo own >/$V/web/f && $KVOL snapshot web@own").Ok();
        var stream = List(second) + "| $KVOL export web@2 --format zfs --since - -o $T/s";
        Assert.EndsWith("kvol rollback -r web@1\n", box.Shell(stream).Ok().Err);
        second.Kvol("import", "--into", "web", box.Top + "/s").Refused(75, "was changed since", "'kvol rollback -r web@1'");
        second.Kvol("rollback", "-r", "web@1").Ok();
        second.Kvol("import", "--into", "web", box.Top + "/s").Ok();
        box.Shell(stream).Refused(73, "nothing is sent");

        second.Shell("$KVOL create new && $KVOL snapshot web@more && $KVOL snapshot new@1").Ok();
        box.Shell($"{List(second, "new")} | $KVOL export web@2 --format zfs --since - -o $T/x")
            .Refused(69, "no snapshot in common", "kvol export --format zfs web@2");
        box.Shell($"{List(second, "")} | $KVOL export web@1 --format zfs --since - -o $T/x").Refused(73, "web has it");
        box.Shell("$KVOL create other && $KVOL snapshot other@1").Ok();
        box.Shell($"{List(second, "")} | $KVOL export other@1 --format zfs --since - -o $T/x").Refused(64, "several volumes");
        box.Shell("echo damaged | $KVOL export web@2 --format zfs --since - -o $T/x").Refused(65, "at byte 0");
        box.Shell("$KVOL export web@2 --format zfs --since - -o $T/x </dev/null").Refused(65, "is empty");
        box.Shell("yes '[' | tr -d '\\n' | $KVOL export web@2 --format zfs --since - -o $T/x").RefusedAny(65);
        box.Shell("$KVOL export web --format zfs --since - -o $T/x </dev/null").Refused(64, "VOL@NAME");
        box.Shell("$KVOL export none@1 --format zfs --since - -o $T/x </dev/null").Refused(66, "none");
        box.Shell("! test -e $T/x").Ok();
    }

    [Fact]
    public void A_bookmark_is_made_of_what_was_sent_and_goes_with_the_volume_or_by_a_rollback_or_for_newer_ones()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && head -c 1M /dev/urandom >/$V/web/longer-than-a-pipe "
            + "&& for i in 1 2 3; do echo $i >/$V/web/f && $KVOL snapshot web@$i; done").Ok();
        box.Shell("$KVOL export web --format zfs -o $T/s && $KVOL export web@1 -o $T/tar").Ok();
        box.Kvol("export", "web@3", "--format", "zfs", "--since", "none", "-o", box.Top + "/s").Refused(66, "none");
        Assert.Equal([], Bookmarks(box));
        box.Shell("$KVOL export web@1 --format zfs -o $T/s && $KVOL export web@3 --format zfs -o $T/s "
            + "&& $KVOL export web@3 --format zfs -o $T/s && ! $KVOL export web@2 --format zfs | head -c 1000 >/dev/null").Ok();
        Assert.Equal(["kvol-sent-1", "kvol-sent-2", "kvol-sent-3"], Bookmarks(box));

        // Another snapshot of the same name takes the place of the first one.
        box.Shell("$KVOL rm web@3 && $KVOL snapshot web@3 && $KVOL export web@3 --format zfs -o $T/s").Ok();
        Assert.Equal(box.Get("guid", "$V/web@3"), box.Get("guid", "$V/web#kvol-sent-3"));

        // A rollback asks for no more consent than without them; another program's bookmark is in its way.
        box.Shell("zfs bookmark $V/web@2 $V/web#other && $KVOL rm web@3 && $KVOL rm web@2").Ok();
        box.Kvol("rollback", "web@1").Refused(75, "web#other");
        Assert.Equal(4, Bookmarks(box).Length);
        box.Shell("zfs destroy $V/web#other && $KVOL rollback web@1 && grep -q 1 /$V/web/f").Ok();
        Assert.Equal(["kvol-sent-1"], Bookmarks(box));
        var id = JsonDocument.Parse(box.Shell("$KVOL create db >$T/made && $KVOL snapshot --json --name a web db").Ok().Out)
            .RootElement[0].GetProperty("group").GetString()!;
        box.Shell("$KVOL snapshot web@b && $KVOL export web@b --format zfs -o $T/s && $KVOL rm web@b && $KVOL rollback --group " + id).Ok();
        Assert.Equal(["kvol-sent-1"], Bookmarks(box));

        // Only the newest stay, and none of a volume that is removed.
        box.Shell("echo 'for i = 1, 256 do zfs.sync.bookmark(\"'$V'/web@1\", \"'$V'/web#kvol-sent-x\" .. i) end' >$T/lua "
            + "&& zfs program $P $T/lua && $KVOL snapshot web@c && $KVOL export web@c --format zfs -o $T/s").Ok();
        Assert.Equal(256, Bookmarks(box).Length);
        Assert.Contains("kvol-sent-c", Bookmarks(box));
        box.Shell("$KVOL rm -f web && ! zfs list $V/web").Ok();
    }

    [Fact]
    public void An_encrypted_volume_goes_on_raw_from_a_bookmark()
    {
        using var box = new ZfsBox();
        using var second = new ZfsBox();
        box.Shell("zfs set atime=off $P && head -c 32 /dev/urandom >$T/key && $KVOL create web --encrypt --key-file $T/key "
            + $"&& echo 1 >/$V/web/f && $KVOL snapshot web@1 && $KVOL export web@1 --raw --format zfs | {There(second)} import web "
            + $"&& $KVOL rm web@1 && echo 2 >/$V/web/f && $KVOL snapshot web@2 && {List(second)} "
            + $"| $KVOL export web@2 --raw --format zfs --since - | {There(second)} import --into web").Ok();
        second.Kvol("load-key", "web", "--key-file", box.Top + "/key").Ok();
        Assert.Equal("2\n", second.Shell("cat /$V/web/f").Ok().Out);
    }

    private static void Start(ZfsBox box, ZfsBox second)
    {
        second.Shell("zfs set atime=off $P").Ok();
        box.Fill("/srv");
        box.Shell("zfs set atime=off $P && $KVOL create web && $KVOL seed -q web $R/srv && $KVOL snapshot web@1 && "
            + $"$KVOL export web@1 --format zfs | {There(second)} import -q web").Ok();
    }

    // Changes the volume, and sends the change.
    private static void Sent(ZfsBox box, ZfsBox second, string name, string start)
    {
        box.Shell($"echo {name} >/$V/web/f && rm -f /$V/web/file{name} && mkdir /$V/web/d{name} && $KVOL snapshot web@{name}").Ok();
        Send(box, second, name, start);
    }

    private static void Send(ZfsBox box, ZfsBox second, string name, string start)
    {
        var printed = box.Shell($"{List(second)} | $KVOL export web@{name} --format zfs --since - --json -o $T/s && {There(second)} "
            + "import -q --into web $T/s").Ok();
        Assert.Equal("", printed.Err);
        Assert.Equal(start, JsonDocument.Parse(printed.Out).RootElement.GetProperty("since").GetString());
        Assert.Equal(box.Manifest("/$V/web"), second.Manifest("/$V/web"));
    }

    private static string[] Bookmarks(ZfsBox box) =>
        [.. box.Shell("zfs list -H -o name -t bookmark -r $V/web").Ok().Lines.Select(l => l.Split('#')[1]).Order()];

    private static string List(ZfsBox other, string volume = "web") => $"{There(other)} ls -t snapshot --json {volume}";

    private static string There(ZfsBox other) =>
        $"KVOL_ROOT={other.Pool}/kvol KVOL_RUN={other.Top}/run KVOL_CONFIG={other.Top}/kvol.conf $KVOL";
}
