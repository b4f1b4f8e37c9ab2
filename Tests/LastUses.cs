using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What kvol records of the last use of volumes, and what prune makes of it.</summary>
public class LastUses
{
    private static string Record(Box box, string volume) => $"{box.Store}/used/{volume}";

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)[..26] + "Z";

    /// <summary>Makes a volume look as old as it may be, and last used so many days ago; null: never since kvol first saw it.</summary>
    private static void Age(Box box, string volume, int days, string? jail = "www", bool used = true)
    {
        var json = File.ReadAllText(box.Metadata(volume));
        var at = json.IndexOf("\"created\": \"", StringComparison.Ordinal) + 12;
        File.WriteAllText(box.Metadata(volume), $"{json[..at]}2020-01-01T00:00:00.0000000Z{json[json.IndexOf('"', at)..]}"
            .Replace("00.0000000Z", "00.000000Z", StringComparison.Ordinal));
        var time = DateTimeOffset.UtcNow.AddDays(-days);
        Directory.CreateDirectory(box.Store + "/used");
        File.WriteAllText(Record(box, volume), used ? Written(time) + (jail is null ? "" : " " + jail) + "\n" : "");
        File.SetLastWriteTimeUtc(Record(box, volume), time.UtcDateTime);
    }

    private static (DateTimeOffset? Used, string? Jail) Of(Box box, string volume)
    {
        var json = box.Inspect(volume);
        var used = json.GetProperty("last_used").GetString();
        return (used is null ? null : DateTimeOffset.Parse(used, CultureInfo.InvariantCulture), json.GetProperty("last_jail").GetString());
    }

    private static bool IsNow(DateTimeOffset? time) => time is { } t && (DateTimeOffset.UtcNow - t).Duration() < TimeSpan.FromMinutes(5);

    [Fact]
    public void A_mount_and_its_end_are_recorded_at_most_once_an_hour()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Assert.Equal((null, null), Of(box, "web"));
        box.Run("attach", "www", box.Root, "web:/srv", "new:/new").Ok();
        Assert.True(IsNow(Of(box, "web").Used) && IsNow(Of(box, "new").Used));
        Assert.Equal("www", Of(box, "web").Jail);
        var first = File.ReadAllText(Record(box, "web"));
        box.Run("detach", "www").Ok();
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        Assert.Equal(first, File.ReadAllText(Record(box, "web")));

        Age(box, "web", 40, "a-jail-with-a-long-name");
        box.Mount("web:/srv").Ok();
        Assert.True(IsNow(Of(box, "web").Used));
        Assert.Null(Of(box, "web").Jail);
        Age(box, "web", 40);
        box.Umount().Ok();
        Assert.True(IsNow(Of(box, "web").Used));
        Assert.Matches(@"^web\t2\S+Z\t-\n$", box.Run("ls", "-H", "-o", "name,last_used,last_jail", "web").Ok().Out);
        Assert.Equal(["new", "web"], box.Run("ls", "-H", "-o", "name", "--sort", "last_used").Ok().Lines);
        Assert.Contains("Last used   2", box.Run("show", "new").Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("System", "Linux")] // strace(1) counts the calls
    public void A_mount_within_the_hour_costs_one_look_and_no_record_is_synced()
    {
        using var box = new Box();
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        var (looks, syncs) = Calls();
        Assert.Equal(1, looks);
        box.Umount().Ok();
        Age(box, "web", 1);
        Assert.Equal(syncs, Calls().Syncs); // those of the mount point's record
        Assert.True(IsNow(Of(box, "web").Used));

        (int Looks, int Syncs) Calls()
        {
            var trace = box.Top + "/trace";
            using var child = new Running("strace",
                ["-f", "-o", trace, "-e", "trace=%file,fsync,fdatasync,syncfs,sync", Box.Binary, "mount", "-q", box.Root, "web:/srv"],
                new Dictionary<string, string>(box.Environment), box.Top);
            child.Wait().Ok();
            var lines = File.ReadAllLines(trace);
            return (lines.Count(l => l.Contains("\"used", StringComparison.Ordinal)),
                lines.Count(l => l.Contains("sync(", StringComparison.Ordinal) || l.Contains("syncfs(", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(": >$U/web")]
    [InlineData("head -c 300000 /dev/urandom >$U/web")]
    [InlineData("printf '2026-01-01T00:00:00.000000Z www' >$U/web")]
    [InlineData("printf '2026-01-01T00:00:00.00' >$U/web")]
    [InlineData("printf '2026-13-01T00:00:00.000000Z\\n' >$U/web")]
    [InlineData("printf '2026-01-01T00:00:00.000000Z a b\\n' >$U/web")]
    [InlineData("rm $U/web; mkdir $U/web")]
    [InlineData("rm $U/web; mkfifo $U/web")]
    [InlineData("rm $U/web; ln -s /etc/passwd $U/web")]
    [InlineData("rm -r $U; echo x >$U")]
    public void A_damaged_record_counts_as_lost_and_is_no_error(string damage)
    {
        using var box = new Box();
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        Age(box, "web", 400);
        box.Shell($"U={box.Store}/used; {damage}").Ok();
        Assert.Equal((null, null), Of(box, "web"));
        Assert.Equal("", box.Run("prune", "-y", "--all", "--unused", "30d").Ok().Out);
        Assert.Equal(("", ""), (box.Mount("-q", "web:/srv").Ok().Err, box.Umount().Ok().Err));
        Assert.Equal("", box.Run("gc").Ok().Err);
        box.Run("rename", "web", "www").Ok();
        Assert.Equal("", box.Run("rm", "www").Ok().Err);
        Assert.Contains("root:", File.ReadAllText("/etc/passwd"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mount -o remount,ro store", ":ro")]
    [InlineData("i=0; while : >store/volumes/web/data/$i; do i=$((i+1)); done 2>/dev/null", "")]
    [InlineData("dd if=/dev/zero of=store/volumes/web/data/big bs=4k 2>/dev/null", "")]
    public void A_store_that_takes_nothing_is_used_in_silence(string before, string option)
    {
        using var box = new Box();
        box.Shell($"""
            mkdir store root/d; mount -t tmpfs -o mode=755,size=400k,nr_inodes=60 t store; $KVOL create web; rm -rf store/used
            {before}; :
            """).Ok();
        Assert.Equal(("", ""), (box.Mount("-q", "web:/d" + option).Ok().Err, box.Umount().Ok().Err));
        Assert.Equal((null, null), Of(box, "web"));
        box.Shell("umount store").Ok();
    }

    [Fact]
    public void A_record_goes_where_its_volume_goes()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Age(box, "web", 40);
        box.Run("rename", "web", "www").Ok();
        Assert.Equal(["www"], Sys.List(box.Store + "/used"));
        Assert.Equal("www", Of(box, "www").Jail);
        box.Run("rm", "--keep", "1h", "www").Ok();
        Assert.Empty(Sys.List(box.Store + "/used"));
        box.Run("undelete", "www").Ok();
        Assert.Equal((null, null), Of(box, "www"));
        Assert.Equal("", box.Run("prune", "-y", "--all", "--unused", "1d").Ok().Out);
        Age(box, "www", 40);
        box.Run("release", "www", box.Top + "/released").Ok();
        Assert.Empty(Sys.List(box.Store + "/used"));
    }

    [Fact]
    public void Gc_records_what_is_mounted_and_what_it_sees_first_and_forgets_what_is_gone()
    {
        using var box = new Box();
        box.Run("create", "idle").Ok();
        box.Run("create", "damaged").Ok();
        box.Run("attach", "www", box.Root, "web:/srv").Ok();
        Age(box, "web", 40, "old");
        box.Shell($"rm {box.Store}/used/idle; echo x >{box.Store}/used/destroyed; echo >{box.Metadata("damaged")}").Ok();
        box.Run("gc", "-n").Ok();
        Assert.Equal(["damaged", "destroyed", "web"], Sys.List(box.Store + "/used").Order());
        Assert.Equal("", box.Run("gc").Ok().Out);
        Assert.Equal(["damaged", "idle", "web"], Sys.List(box.Store + "/used").Order());
        Assert.True(IsNow(Of(box, "web").Used));
        Assert.Equal("www", Of(box, "web").Jail);
    }

    [Fact]
    public void Prune_takes_what_nothing_used_and_spares_what_a_stopped_jail_used()
    {
        using var box = new Box();
        foreach (var name in (string[])["old", "recent", "mounted", "attached", "unknown", "seen", "kept"])
        {
            box.Run("create", name, "-l", name == "kept" ? "keep" : "a").Ok();
        }

        var anonymous = box.Run("create").Ok().Out.Trim();
        box.Run("attach", "www", box.Root, "mounted:/m", "attached:/a").Ok();
        Tool.Run("umount", box.Root + "/a");
        foreach (var name in (string[])["old", "mounted", "attached", "kept", anonymous])
        {
            Age(box, name, 40);
        }

        Age(box, "recent", 29);
        Age(box, "seen", 40, used: false);
        Age(box, "unknown", 40);
        File.Delete(Record(box, "unknown"));
        string[] expected = [.. new[] { anonymous, "kept", "old", "seen" }.Order(StringComparer.Ordinal)];
        Assert.Equal(expected, box.Run("ls", "-q", "--filter", "unused=30d").Ok().Lines);
        expected = [.. expected.Except(["kept"])];
        Assert.Equal([anonymous], box.Run("prune", "-n", "--unused", "30d").Ok().Lines);
        Assert.Equal(expected, box.Run("prune", "-n", "--all", "--filter", "unused=30d").Ok().Lines);
        Assert.False(Sys.Exists(Record(box, "unknown")));
        box.Run("prune", "--all", "--unused", "30d").Refused(64, "3 volumes", "-y");
        File.WriteAllText(box.Config, "trash = 7d\n");
        Assert.Equal(["old"], box.Run("prune", "-y", "--all", "--unused", "30d", "--filter", "name=o*").Ok().Lines);
        Assert.Equal(expected.Except(["old"]), box.Run("prune", "-y", "--all", "--unused", "30d", "--filter", "unused=1w").Ok().Lines);
        Assert.Equal(["attached", "kept", "mounted", "recent", "unknown"], box.Volumes);
        box.Run("undelete", "old").Ok();
        Assert.True(Sys.Exists(Record(box, "unknown"))); // now it counts from the first prune
        Assert.True(IsNow(Of(box, "mounted").Used));
    }

    [Fact]
    public void What_is_used_while_prune_asks_stays()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Age(box, "web", 40);
        using var held = box.StartShell("exec 9>store/locks/web; flock 9; sleep 2; printf '%s www\\n' \"$1\" >store/used/web",
            Written(DateTimeOffset.UtcNow));
        box.Shell($"until ! flock -n {box.Store}/locks/web true; do sleep 0.01; done").Ok();
        box.Run("prune", "-y", "--all", "--unused", "30d").Refused(75, "web", "was used after it had been chosen");
        held.Wait().Ok();
        Assert.Equal(["web"], box.Volumes);
    }

    [Theory]
    [InlineData("prune", "--unused", "soon")]
    [InlineData("prune", "--unused", "-1")]
    [InlineData("prune", "--filter", "unused=2026-01-01")]
    [InlineData("ls", "--filter", "unused")]
    [InlineData("prune", "--deleted", "--unused", "1d")]
    public void A_wrong_time_is_64(params string[] arguments)
    {
        using var box = new Box();
        box.Run(arguments).Refused(64, "unused");
    }

    [Fact]
    public void A_dry_run_records_nothing()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Tool.Run("rm", "-r", box.Store + "/used");
        box.Run("mount", "-n", box.Root, "web:/srv").Ok();
        box.Run("attach", "-n", "www", box.Root, "web:/srv").Ok();
        box.Run("create", "-n", "other").Ok();
        box.Run("ls", "--json").Ok();
        box.Run("prune", "-n", "--all", "--unused", "1d").Ok();
        Assert.False(Sys.Exists(box.Store + "/used"));
    }
}
