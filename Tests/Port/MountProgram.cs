using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>kvol-mount, called as mount(8) calls a mount program: each option as an -o of its own, the source, the real mount
/// point.</summary>
public class MountProgram
{
    [Fact]
    public void It_mounts_below_the_root_directory_with_the_options_of_the_line()
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/srv");
        Sys.Mkdir(box.Root + "/srv/a b:c");
        Call(box, Box.Binary, "-o", "rw", "-o", $"root={box.Root}", "-o", "nosuid", "web", box.Root + "/srv/a b:c").Ok();
        var mount = Assert.Single(box.Mounts);
        Assert.Equal(box.Root + "/srv/a b:c", mount.Target);
        Assert.Equal(["web"], box.Volumes);
    }

    [Fact]
    public void A_read_only_line_mounts_read_only_and_a_host_directory_can_be_the_source()
    {
        using var box = new Box();
        var source = box.MakeDir("with:colon");
        Sys.Mkdir(box.Root + "/srv");
        Call(box, Box.Binary, "-o", "ro", "-o", $"root={box.Root}/", source, box.Root + "/srv").Ok();
        Assert.Throws<IOException>(() => File.WriteAllText(box.Root + "/srv/x", "x"));
    }

    [Fact]
    public void The_options_are_passed_on_in_their_order()
    {
        Assert.Equal("[mount] [ROOT] [web:/srv:ro,nocopy,subpath=a/b]",
            Recorded("-o", "ro", "-o", "root=ROOT", "-o", "nocopy", "-o", "subpath=a/b", "web", "ROOT/srv").Call);
        Assert.Equal("[mount] [ROOT] [web:/srv]", Recorded("-o", "root=ROOT", "web", "ROOT/srv").Call);
    }

    [Theory]
    [InlineData("root= with the jail's root directory is missing", "-o", "ro", "web", "ROOT/srv")]
    [InlineData("absolute path", "-o", "root=jails", "web", "ROOT/srv")]
    [InlineData("not below root=", "-o", "root=ROOT", "web", "ROOT")]
    [InlineData("not below root=", "-o", "root=ROOT", "web", "ROOTER/srv")]
    [InlineData("not below root=", "-o", "root=ROOT", "web", "/etc")]
    [InlineData("usage", "-o", "root=ROOT", "web")]
    public void A_line_that_is_not_safe_is_refused_and_mounts_nothing(string message, params string[] arguments)
    {
        var (result, call) = Recorded(arguments);
        Assert.Equal(64, result.Exit);
        Assert.Contains(message, result.Err);
        Assert.Null(call);
    }

    [Fact]
    public void A_link_that_the_jail_puts_in_the_way_does_not_lead_out_of_its_root_directory()
    {
        // mount(8) resolved the mount point while it was a directory; by now the jail has replaced it.
        using var box = new Box();
        var outside = box.MakeDir("outside");
        Sys.Mkdir(box.Root + "/outside");
        Tool.Run("ln", "-s", outside, box.Root + "/srv");
        _ = Call(box, Box.Binary, "-o", $"root={box.Root}", "web", box.Root + "/srv");
        Assert.Empty(MountInfo.Below(outside));
        Assert.All(MountInfo.Below(box.Top), m => Assert.StartsWith(box.Root + "/", m.Target));
    }

    [Fact]
    public void A_root_directory_behind_a_link_is_resolved_as_mount_resolves_it()
    {
        using var box = new Box();
        Tool.Run("ln", "-s", box.Root, box.Top + "/jail");
        Sys.Mkdir(box.Root + "/srv");
        Call(box, Box.Binary, "-o", $"root={box.Top}/jail", "web", box.Root + "/srv").Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void The_lines_of_the_example_jail_conf_mount_what_they_say_and_no_reader_makes_the_volume()
    {
        using var box = new Box();
        var example = Example(box);
        var attached = Regex.Matches(example, @"exec\.prestart \+= ""LOCAL/sbin/kvol attach \$name \$path (.*)"";")
            .Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(2, attached.Count);
        var line = Regex.Match(example, @"mount \+= ""(.*) 0 0"";").Groups[1].Value
            .Replace("${options}", Regex.Match(example, @"\$options = ""(.*)"";").Groups[1].Value, System.StringComparison.Ordinal)
            .Replace("${path}", box.Root, System.StringComparison.Ordinal).Split(' ');
        Assert.Equal("nullfs", line[2]);
        var options = line[3].Split(',');
        Assert.Contains("mountprog=LOCAL/libexec/kvol-mount", options);
        string[] arguments = [.. options.Where(o => !o.StartsWith("mountprog=", System.StringComparison.Ordinal))
            .SelectMany(o => new[] { "-o", o }), line[0], line[1]];
        Tool.Run("mkdir", "-p", box.Root + "/srv/web");

        Assert.Equal(66, box.Mount(attached[1]).Exit);
        Assert.Equal(66, Call(box, Box.Binary, arguments).Exit);
        Assert.Empty(box.Volumes);

        box.Mount(attached[0]).Ok();
        box.Umount().Ok();
        box.Mount(attached[1]).Ok();
        Assert.Throws<IOException>(() => File.WriteAllText(box.Root + "/srv/web/x", "x"));
        box.Umount().Ok();
        Call(box, Box.Binary, arguments).Ok();
        Assert.Equal(box.Root + "/srv/web", Assert.Single(box.Mounts).Target);
    }

    [Fact]
    public void Each_jail_of_the_example_that_only_reads_a_volume_depends_on_the_one_that_fills_it()
    {
        using var box = new Box();
        var readers = Regex.Matches(Example(box), @"(?m)^(\w+) \{\n(?:\t.*\n)*\}").Where(j => Regex.IsMatch(j.Value, @"[:,""]ro\b"))
            .ToList();
        Assert.Equal(["backup", "stats"], readers.Select(j => j.Groups[1].Value));
        Assert.All(readers, j => Assert.Contains("depend = \"web\";", j.Value));
        Assert.All(readers, j => Assert.Contains("ro,nocreate", j.Value));
    }

    /// <summary>jail.conf as the port installs it with the prefix LOCAL.</summary>
    private static string Example(Box box) => File.ReadAllText(PortTree.Installed("jail.conf", box.Top, "LOCAL"));

    private static (Result Result, string? Call) Recorded(params string[] arguments)
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/srv");
        Sys.Mkdir(box.Root + "ER");
        var result = Call(box, PortTree.Stubs + "/kvol",
            [.. arguments.Select(a => a.Replace("ROOT", box.Root, System.StringComparison.Ordinal))]);
        var calls = box.Top + "/calls";
        return (result, File.Exists(calls)
            ? Assert.Single(File.ReadAllLines(calls)).Split(' ', 2)[1].Replace(box.Root, "ROOT", System.StringComparison.Ordinal) : null);
    }

    private static Result Call(Box box, string kvol, params string[] arguments)
    {
        Tool.Run("mkdir", "-p", box.Top + "/local/sbin");
        Tool.Run("ln", "-sf", kvol, box.Top + "/local/sbin/kvol");
        var script = PortTree.Installed("kvol-mount", box.Top, box.Top + "/local");
        var environment = new Dictionary<string, string>(box.Environment) { ["PATH"] = "/bin", ["CALLS"] = box.Top + "/calls",
            ["FAIL"] = "", ["SAYS"] = "" };
        using var child = new Running("/bin/sh", [script, .. arguments], environment, box.Top);
        return child.Wait();
    }
}
