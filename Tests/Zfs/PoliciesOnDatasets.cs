using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Policies of snapshots on datasets, beside holds, clones, received copies and another program with policies of its
/// own.</summary>
[Trait("Needs", "Machine")]
public sealed class PoliciesOnDatasets : IDisposable
{
    private readonly GuestClock clock = new();

    // A snapshot that a policy took long ago.
    private const string Old = "old() { zfs snapshot -o kvol:policy=hourly $V/$1@kvol-hourly-2020-01-01-0$2; }; ";

    public void Dispose() => clock.Dispose();

    [Fact]
    public void A_jail_is_taken_at_one_instant_and_only_what_is_free_is_removed()
    {
        using var box = new ZfsBox();
        box.Shell("mkdir -p $R/web $R/db; for v in web db; do $KVOL create $v; $KVOL set -q $v snapshots=hourly:2; done").Ok();
        box.Kvol("attach", "www", box.Top + "/root", "web:/web", "db:/db").Ok();
        box.Shell(Old + "for n in 000Z 100Z 200Z 300Z 400Z; do old web $n; done; zfs snapshot $V/web@kvol-hourly-2020-01-01-0030Z; "
            + "zfs hold keep $V/web@kvol-hourly-2020-01-01-0000Z; zfs clone $V/web@kvol-hourly-2020-01-01-0100Z $P/other").Ok();
        var done = box.Kvol("snapshot", "--due").Ok();
        Assert.Equal("", done.Err);
        Assert.Equal(["web@kvol-hourly-2020-01-01-0200Z: removed", "web@kvol-hourly-2020-01-01-0300Z: removed"], done.Lines[^2..]);
        Assert.Equal(4, done.Lines.Length);
        var name = done.Lines[0].Split('@', ':')[1];
        Assert.Single(box.Shell($"zfs get -H -p -o value createtxg $V/web@{name} $V/db@{name}").Ok().Lines.Distinct());
        Assert.Single(box.Shell($"zfs get -H -o value kvol:group $V/web@{name} $V/db@{name}").Ok().Lines.Distinct());
        Assert.Equal("hourly", box.Get("kvol:policy", box.Shell("echo $V/web@" + name).Out.Trim()));
        Assert.Equal("", box.Kvol("snapshot", "--due").Ok().Out);
        box.Shell("zfs release keep $V/web@kvol-hourly-2020-01-01-0000Z; zfs destroy $P/other").Ok();
        Assert.Equal(["web@kvol-hourly-2020-01-01-0000Z: would be removed", "web@kvol-hourly-2020-01-01-0100Z: would be removed"],
            box.Kvol("snapshot", "--due", "-n").Ok().Lines);
    }

    [Fact]
    public void A_received_policy_takes_and_removes_nothing()
    {
        using var box = new ZfsBox();
        box.Shell("echo 'snapshots = daily:1' >$KVOL_CONFIG; $KVOL create web && $KVOL set -q web snapshots=hourly:1; " + Old
            + "old web 000Z && old web 100Z && zfs snapshot $V/web@a && zfs send -R $V/web@a | zfs receive $V/copy && "
            + "zfs destroy -r $V/web").Ok();
        Assert.Equal("received", box.Shell("zfs get -H -o source kvol:snapshots $V/copy").Ok().Out.Trim());
        Assert.Equal(["copy\t-"], box.Kvol("ls", "-H", "-o", "name,snapshots").Ok().Lines);
        Assert.Equal("", box.Kvol("snapshot", "--due").Ok().Out);
        box.Kvol("set", "copy", "snapshots=hourly:1").Ok();
        Assert.Matches("^copy@kvol-hourly-2[^\n]*: taken\n$", box.Kvol("snapshot", "--due").Ok().Out);
        box.Kvol("set", "copy", "snapshots=").Ok();
        Assert.Equal(["copy\t-"], box.Kvol("ls", "-H", "-o", "name,snapshots").Ok().Lines);
        Assert.Equal(4, box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
    }

    [Fact]
    public void What_cannot_be_taken_is_named_and_the_others_go_on()
    {
        using var box = new ZfsBox();
        box.Shell("for v in wrong still web; do $KVOL create $v; $KVOL set -q $v snapshots=hourly:1; done; zfs create -V 8M $V/disk; "
            + "$KVOL set -q still readonly=on; zfs set kvol:snapshots=hourly:x $V/wrong; zfs set kvol:snapshots=hourly:1 $V $V/disk; "
            + "head -c 4M /dev/urandom >/$V/web/f; zfs snapshot $V/web@a; zfs send $V/web@a | head -c 2M | zfs receive -s $V/part; "
            + "zfs set kvol:snapshots=hourly:1 $V/part").Ok();
        var done = box.Kvol("snapshot", "--due");
        Assert.Equal(1, done.Exit);
        Assert.Matches("^web@kvol-hourly-[^\n]*: taken\n$", done.Out);
        Assert.Matches("(?m)^kvol: wrong: its policy is wrong: .*kvol set wrong snapshots=", done.Err);
        Assert.Matches("(?m)^kvol: still: is read-only, .*kvol set still snapshots=none", done.Err);
        Assert.Matches("(?m)^kvol: part: is not complete", done.Err);
        Assert.Equal(3, done.Err.TrimEnd('\n').Split('\n').Length);
        Assert.Matches("(?m)^BAD  volume still: .*read-only", box.Kvol("doctor").Out);
        box.Kvol("set", "web", "snapshots=daily:1", "recordsize=3").Refused(64, "recordsize");
        Assert.Equal("hourly:1", box.Get("kvol:snapshots", box.Shell("echo $V/web").Out.Trim()));
    }

    [Fact]
    public void Sanoid_and_kvol_each_take_and_remove_their_own()
    {
        Sanoid.Install();
        using var box = new ZfsBox();
        box.Shell("mkdir $T/sanoid && cp /usr/share/sanoid/sanoid.defaults.conf $T/sanoid/ && printf '%s\\n' \"[$V/web]\" hourly=2 daily=0 "
            + "monthly=0 yearly=0 autosnap=yes autoprune=yes >$T/sanoid/sanoid.conf; $KVOL create web && "
            + "$KVOL set -q web snapshots=hourly:3").Ok();
        string[] ours = [], theirs = [];
        for (var hour = -6; hour <= 0; hour++)
        {
            clock.Set(hour);
            theirs = Named("autosnap_");
            box.Kvol("snapshot", "--due").Ok();
            Assert.Equal(theirs, Named("autosnap_"));
            ours = Named("kvol-hourly-");
            box.Shell("sanoid --configdir=$T/sanoid --cron --quiet 2>&1").Ok();
            Assert.Equal(ours, Named("kvol-hourly-"));
        }

        Assert.Equal(3, ours.Length);
        Assert.InRange(Named("autosnap_").Length, 2, 3); // it removes what is older than its number of hours
        box.Kvol("snapshot", "--due").Ok();

        string[] Named(string prefix) => [.. box.Shell("zfs list -H -o name -t snapshot -r $V/web | cut -d @ -f 2").Ok().Lines
            .Where(l => l.StartsWith(prefix, StringComparison.Ordinal))];
    }

    [Fact]
    public void A_clock_that_jumps_costs_one_snapshot_and_stops_nothing()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && $KVOL set -q web snapshots=hourly:3").Ok();
        foreach (var hour in new[] { -3, -2, -1, 24 * 4000, -24 * 4000, 0, 0 })
        {
            clock.Set(hour);
            Assert.InRange(box.Kvol("snapshot", "--due").Ok().Lines.Length, hour == 0 ? 0 : 1, 2);
        }

        var left = box.Kvol("ls", "-t", "snapshot", "-q").Ok().Lines;
        // What was taken in the far future is gone; what was taken in the past is the next to go.
        Assert.Equal(3, left.Length);
        Assert.Equal(2, left.Count(l => l.Contains("-" + DateTimeOffset.UtcNow.Year, StringComparison.Ordinal)));
    }

    /// <summary>The clock of the test machine, set to the beginning of the hour, because a new hour makes more snapshots due; moved by
    /// hours, and set right again at the end.</summary>
    private sealed class GuestClock : IDisposable
    {
        private const string Uptime = "cut -d . -f 1 /proc/uptime";
        private const long Hour = 3600, FirstMinute = 60;

        private readonly long atBoot, early;

        public GuestClock()
        {
            var now = Seconds("date +%s");
            (atBoot, early) = (now - Seconds(Uptime), (now % Hour) - FirstMinute);
            Set(0);
        }

        public void Set(int hours) => Put((hours * Hour) - early);

        public void Dispose() => Put(0);

        private void Put(long seconds) => Guest.Current.Shell($"date -s @{atBoot + Seconds(Uptime) + seconds}").Ok();

        private static long Seconds(string command) => long.Parse(Guest.Current.Shell(command).Ok().Out);
    }
}
