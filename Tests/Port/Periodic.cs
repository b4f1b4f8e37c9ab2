using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The periodic(8) scripts: 0 nothing to say, 1 something worth reading, 3 a failure.</summary>
public class Periodic
{
    [Fact]
    public void It_does_nothing_until_it_is_enabled()
    {
        var (result, called) = Run("", "", "");
        Assert.Equal((0, ""), (result.Exit, result.Out));
        Assert.False(called);
    }

    [Fact]
    public void Nothing_to_undo_is_nothing_to_report()
    {
        var (result, called) = Run("daily_kvol_gc_enable=\"YES\"", "", "");
        Assert.Equal(0, result.Exit);
        Assert.True(called);
    }

    [Fact]
    public void What_was_undone_is_shown()
    {
        var (result, _) = Run("daily_kvol_gc_enable=\"yes\"", "web: undone", "");
        Assert.Equal(1, result.Exit);
        Assert.Equal("\nUndoing what dead jails left of kvol's mounts:\nweb: undone\n", result.Out);
    }

    [Fact]
    public void A_failure_is_shown_and_is_worse()
    {
        var (result, _) = Run("daily_kvol_gc_enable=\"YES\"", "", "gc");
        Assert.Equal(3, result.Exit);
        Assert.Contains("kvol: gc: busy", result.Out);
    }

    [Fact]
    public void Options_are_passed_on() =>
        Assert.Contains("[gc] [-n]", Calls("500.kvol-gc", "daily_kvol_gc_enable=YES; daily_kvol_gc_flags=-n", "").Calls);

    [Theory]
    [InlineData("", "web: taken", "", 0, "")]
    [InlineData("daily_kvol_snapshot_enable=YES", "", "", 0, "")]
    [InlineData("daily_kvol_snapshot_enable=yes", "web: taken", "", 1, "web: taken\n")]
    [InlineData("daily_kvol_snapshot_enable=YES", "web: taken", "snapshot", 3, "web: taken\nkvol: snapshot: busy\n")]
    public void Snapshots_are_taken_daily_and_shown(string conf, string says, string fail, int exit, string output)
    {
        var (result, calls) = Calls("510.kvol-snapshot", conf, says, fail);
        var title = conf == "" ? "" : "\nTaking the snapshots of kvol's volumes that are due:\n";
        Assert.Equal((exit, title + output), (result.Exit, result.Out));
        Assert.Equal(conf != "", calls.EndsWith(" [snapshot] [--due]\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("daily_status_kvol_enable=NO", 0, 0, "")]
    [InlineData("daily_status_kvol_enable=YES", 0, 0, "")]
    [InlineData("daily_status_kvol_enable=yes", 69, 1, "\nChecking kvol:\nBAD  store: full\nkvol: doctor: busy\n")]
    [InlineData("daily_status_kvol_enable=YES", 78, 3, "\nChecking kvol:\nBAD  store: full\nkvol: doctor: busy\n")]
    public void The_status_is_what_the_doctor_finds_wrong(string conf, int status, int exit, string output)
    {
        var (result, _) = Calls("490.status-kvol", conf, "ok   privilege: root\nBAD  store: full", status == 0 ? "" : "doctor", status);
        Assert.Equal((exit, output), (result.Exit, result.Out));
    }

    // Every command says the same here; each line is taken from the command whose output it is.
    [Theory]
    [InlineData("", "", 1, "JAIL web: uses 81% of its quota|own: uses 150% of its quota")]
    [InlineData("daily_status_kvol_quota=90", "", 1, "JAIL own: uses 150% of its quota")]
    [InlineData("daily_status_kvol_quota=200", "", 1, "JAIL")]
    [InlineData("", "gc", 3, "GC web: uses 81% of its quota|own: uses 150% of its quota")]
    [InlineData("", "df", 3, "JAIL DF")]
    public void Dead_attachments_and_full_quotas_are_said(string conf, string fail, int exit, string output)
    {
        const string Dead = "/jails/www: jail www is not running: 2 mounts to undo";
        const string Says = "ok   store: /s\n" + Dead + "\nold: would be removed (kept until 2026)\n"
            + "web\t95\t-\t81\t14\t-\t100\t19\nfew\t80\t-\t80\t0\t-\t100\t20\nown\t150\t150\t-\t-\t-\t100\t0\n"
            + "none\t1\t1\t-\t-\t-\t-\t9";
        var (result, calls) = Calls("490.status-kvol", $"daily_status_kvol_enable=YES; {conf}", Says, fail);
        var expected = output.Replace("JAIL ", Dead + "\n").Replace("JAIL", Dead).Replace("GC ", $"{Says}\nkvol: gc: busy\n")
            .Replace("DF", $"{Says}\nkvol: df: busy").Replace('|', '\n');
        Assert.Equal((exit, $"\nChecking kvol:\n{expected}\n"), (result.Exit, result.Out));
        Assert.Equal(["[doctor]", "[gc] [-n]", "[df] [-H]"],
            [.. calls.TrimEnd('\n').Split('\n').Select(c => c[c.IndexOf('[', StringComparison.Ordinal)..])]);
    }

    [Fact]
    [Trait("System", "Linux")] // there a process stands for the jail
    public void What_kvol_itself_says_of_a_dead_jail_is_found()
    {
        using var box = new Box();
        using (var jail = box.StartShell("exec sleep 1000"))
        {
            box.Run("attach", "--pid", $"{jail.Pid}", "www", box.Root, "web:/srv").Ok();
            jail.Signal(9);
            jail.Wait();
        }

        var output = box.Run("gc", "-n").Ok().Out;
        var (result, _) = Calls("490.status-kvol", "daily_status_kvol_enable=YES", output.TrimEnd('\n'));
        Assert.Equal((1, $"\nChecking kvol:\n{output}"), (result.Exit, result.Out));
    }

    private static (Result Result, bool Called) Run(string conf, string says, string fail)
    {
        var (result, calls) = Calls("500.kvol-gc", conf, says, fail);
        return (result, calls != "");
    }

    private static (Result Result, string Calls) Calls(string name, string conf, string says, string fail = "", int status = 75)
    {
        using var box = new Box();
        box.MakeDir("local");
        box.MakeDir("local/sbin");
        Tool.Run("ln", "-s", PortTree.Stubs + "/kvol", box.Top + "/local/sbin/kvol");
        // /etc/defaults/periodic.conf defines source_periodic_confs, which reads the administrator's files.
        var defaults = box.MakeFile("periodic.conf", $"source_periodic_confs() {{ . {box.Top}/own.conf; }}\n");
        box.MakeFile("own.conf", conf + "\n");
        var script = PortTree.Installed(name, box.Top, box.Top + "/local", ("/etc/defaults/periodic.conf", defaults));
        var environment = new Dictionary<string, string> { ["PATH"] = "/sbin:/bin:/usr/sbin:/usr/bin", ["CALLS"] = box.Top + "/calls",
            ["FAIL"] = fail, ["STATUS"] = $"{status}", ["SAYS"] = says };
        using var child = new Running("/bin/sh", [script], environment, box.Top);
        var result = child.Wait();
        return (result, File.Exists(box.Top + "/calls") ? File.ReadAllText(box.Top + "/calls") : "");
    }
}
