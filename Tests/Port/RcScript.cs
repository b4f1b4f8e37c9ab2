using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The rc.d script, driven by a stand-in for rc.subr(8) with a kvol that writes down how it is called.</summary>
public class RcScript
{
    private const string Path = "/sbin:/bin:/usr/sbin:/usr/bin";

    private const string Two = """
        kvol_enable="YES"
        kvol_mounts="web my-db"
        kvol_web_root="/jails/web"
        kvol_web_specs="web:/usr/local/www/nginx conf:/usr/local/etc/nginx:ro,nocreate"
        kvol_my_db_root="/jails/my db"
        kvol_my_db_specs="db:/var/db/postgres"
        """;

    [Fact]
    public void Start_heals_first_and_then_mounts_in_order_with_the_path_of_rc()
    {
        var (result, calls) = Run(Two, "start");
        result.Ok();
        Assert.Equal(
            [
                "[gc]",
                "[mount] [--file] [-] <web:/usr/local/www/nginx conf:/usr/local/etc/nginx:ro,nocreate|> [/jails/web]",
                "[mount] [--file] [-] <db:/var/db/postgres|> [/jails/my db]",
            ],
            calls);
        Assert.Equal("Starting kvol.\n", result.Out);
    }

    [Theory]
    [InlineData("/jails/web", "web: not mounted")]
    [InlineData("gc", "gc: busy")]
    public void What_fails_is_reported_and_the_others_are_still_mounted(string failing, string message)
    {
        var (result, calls) = Run(Two, "start", failing);
        Assert.Equal(75, result.Exit);
        Assert.Contains(message, result.Err);
        Assert.Equal(3, calls.Length);
    }

    [Theory]
    [InlineData("start", "/jails/web", 66)]
    [InlineData("start", "gc", 78)]
    [InlineData("stop", "/jails/my db", 75)]
    [InlineData("status", "mounts", 69)]
    public void The_exit_status_is_that_of_the_command_that_failed(string verb, string failing, int status) =>
        Assert.Equal(status, Run(Two, verb, failing, status).Result.Exit);

    [Fact]
    public void It_does_not_run_in_a_jail_of_its_own()
    {
        // load_rc_config reads what the administrator says; this comes after it.
        var script = PortTree.Read("files/kvol.in");
        Assert.Matches("(?s)\nload_rc_config \\$name\n.*\nkvol_svcj=\"NO\"\n.*\nrun_rc_command ", script);
    }

    [Fact]
    public void Stop_goes_backwards_then_heals_and_one_that_is_busy_does_not_keep_the_others()
    {
        Assert.Equal(["[umount] [/jails/my db]", "[umount] [/jails/web]", "[gc]"], Run(Two, "stop").Calls);
        var (result, calls) = Run(Two, "stop", "/jails/my db");
        Assert.Equal(75, result.Exit);
        Assert.Contains("my-db: something is still mounted", result.Err);
        Assert.Equal(3, calls.Length);
    }

    [Fact]
    public void Only_forcestop_forces()
    {
        Assert.Equal(["[umount] [-f] [/jails/my db]", "[umount] [-f] [/jails/web]", "[gc]"], Run(Two, "forcestop").Calls);
        Assert.DoesNotContain(Run(Two, "onestop").Calls, c => c.Contains("-f", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_on_the_command_line_is_the_only_one()
    {
        Assert.Equal(["[gc]", "[mount] [--file] [-] <db:/var/db/postgres|> [/jails/my db]"], Run(Two, "start my-db").Calls);
        Assert.Equal(["[umount] [/jails/web]", "[gc]"], Run(Two, "stop web").Calls);
    }

    [Fact]
    public void Status_lists_the_mounts_and_needs_no_enabling()
    {
        Assert.Equal(["[mounts]"], Run("kvol_enable=NO", "status").Calls);
    }

    [Fact]
    public void It_does_nothing_until_it_is_enabled()
    {
        Assert.Empty(Run("", "faststart").Calls);
        Assert.Empty(Run("", "start").Calls);
        Assert.Equal(["[gc]"], Run("", "onestart").Calls);
    }

    [Fact]
    public void A_restart_unmounts_and_mounts()
    {
        Assert.Equal(["[umount]", "[umount]", "[gc]", "[gc]", "[mount]", "[mount]"],
            Run(Two, "restart").Calls.Select(c => c.Split(' ')[0]));
    }

    [Fact]
    public void The_list_reaches_kvol_as_it_is_written_and_nothing_in_it_is_expanded()
    {
        const string Conf = """
            kvol_enable="YES"
            kvol_mounts="a b"
            kvol_a_root="/"
            kvol_a_specs="'my logs:/var/log/my site' /et*:/etc:ro \$HOME;\`id\`:/h '/var/db/a\:b:/srv' \"q:/r\"
            second:/line"
            kvol_b_root="/jails/b"
            kvol_b_file="/etc/my list"
            kvol_b_specs="left:/out"
            """;
        Assert.Equal(
            [
                "[mount] [--file] [-] <'my logs:/var/log/my site' "
                    + "/et*:/etc:ro $HOME;`id`:/h '/var/db/a\\:b:/srv' \"q:/r\"|second:/line|> [/]",
                "[mount] [--file] [/etc/my list] [/jails/b]",
            ],
            Run(Conf, "start").Calls[1..]);
    }

    [Fact]
    public void A_list_with_a_mistake_mounts_nothing_and_the_status_is_that_of_kvol()
    {
        using var box = new Box();
        var conf = $$"""
            kvol_enable="YES"
            kvol_mounts="a"
            kvol_a_root="{{box.Root}}"
            kvol_a_specs="v:/v 'w:/w"
            """;
        var refused = RunReal(box, conf);
        Assert.Equal(65, refused.Exit);
        Assert.Contains("standard input: line 1: a quotation mark ' is not closed", refused.Err, StringComparison.Ordinal);
        Assert.Empty(box.Mounts);
        Assert.Empty(box.Volumes);
        RunReal(box, conf.Replace("'w:/w", "'w:/w'", StringComparison.Ordinal)).Ok();
        Assert.Equal(2, box.Mounts.Count);
    }

    [Theory]
    [InlineData("kvol_bad_specs=a:/b", "kvol_bad_root")]
    [InlineData("kvol_bad_root=jails; kvol_bad_specs=a:/b", "kvol_bad_root")]
    [InlineData("kvol_bad_root=/jails", "kvol_bad_specs")]
    [InlineData("kvol_mounts='b/ad web'", "'b/ad' is not a name")]
    public void A_mistake_in_rc_conf_is_named_and_the_next_name_is_mounted(string mistake, string message)
    {
        var (result, calls) = Run(Two.Replace("web my-db", "bad web", StringComparison.Ordinal) + "\n" + mistake, "start");
        Assert.Equal(64, result.Exit);
        Assert.Contains(message, result.Err);
        Assert.Equal(["[gc]",
            "[mount] [--file] [-] <web:/usr/local/www/nginx conf:/usr/local/etc/nginx:ro,nocreate|> [/jails/web]"], calls);
    }

    [Fact]
    public void A_long_list_is_one_command()
    {
        var specs = string.Join(' ', Enumerable.Range(0, 6000).Select(i => $"v{i}:/v/{i}"));
        var (result, calls) = Run($"kvol_enable=YES; kvol_mounts=a; kvol_a_root=/; kvol_a_specs='{specs}'", "start");
        result.Ok();
        Assert.Equal(6004, Assert.Single(calls.Skip(1)).Split(' ').Length);
    }

    [Fact]
    public void The_example_mounts_what_it_says()
    {
        var (result, calls) = Run(File.ReadAllText(PortTree.Top + "/port/examples/rc.conf"), "start");
        result.Ok();
        Assert.Equal("[mount] [--file] [-] <web:/srv/web:ro '/var/db/dumps:/srv/nightly dumps:ro'|> [/jails/backup]", calls[2]);
    }

    // The script with the kvol that is tested.
    private static Result RunReal(Box box, string conf)
    {
        if (!Directory.Exists(box.Top + "/local"))
        {
            box.MakeDir("local");
            box.MakeDir("local/sbin");
            File.CreateSymbolicLink(box.Top + "/local/sbin/kvol", System.IO.Path.GetFullPath(Box.Binary));
        }

        var script = PortTree.Installed("kvol", box.Top, box.Top + "/local", ("/etc/rc.subr", PortTree.Stubs + "/rc.subr"));
        var environment = new Dictionary<string, string>(box.Environment)
        {
            ["PATH"] = Path, ["RC_CONF"] = box.MakeFile("rc.conf", conf + "\n"),
        };
        using var child = new Running("/bin/sh", [script, "start"], environment, box.Top);
        return child.Wait();
    }

    private static (Result Result, string[] Calls) Run(string conf, string arguments, string? failing = null, int status = 75)
    {
        using var box = new Box();
        box.MakeDir("local");
        box.MakeDir("local/sbin");
        Tool.Run("cp", PortTree.Stubs + "/kvol", box.Top + "/local/sbin/kvol");
        var script = PortTree.Installed("kvol", box.Top, box.Top + "/local", ("/etc/rc.subr", PortTree.Stubs + "/rc.subr"));
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Path,
            ["RC_CONF"] = box.MakeFile("rc.conf", conf + "\n"),
            ["CALLS"] = box.Top + "/calls",
            ["FAIL"] = failing ?? "",
            ["STATUS"] = $"{status}",
            ["SAYS"] = "",
        };
        using var child = new Running("/bin/sh", [script, .. arguments.Split(' ')], environment, box.Top);
        var result = child.Wait();
        var lines = File.Exists(environment["CALLS"]) ? File.ReadAllLines(environment["CALLS"]) : [];
        Assert.All(lines, l => Assert.StartsWith($"PATH={Path} [", l));
        return (result, [.. lines.Select(l => l[$"PATH={Path} ".Length..])]);
    }
}
