using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary><c>make install</c>, with either make.</summary>
public class Install
{
    [Theory]
    [InlineData("make")]
    [InlineData("bmake")]
    public void It_installs_the_program_and_its_manual_pages(string make)
    {
        using var box = new Box();
        using var child = new Running(make, ["install", $"DESTDIR={box.Top}/dest", "PREFIX=/opt", $"BIN={Box.Binary}"],
            directory: PortTree.Top);
        child.Wait().Ok();
        var dest = box.Top + "/dest/opt/";
        string[] pages = [.. Commands.Verbs.Groups.SelectMany(g => g.Verbs).Select(v => $"share/man/man8/kvol-{v.Name}.8")];
        string[] scripts =
        [
            "share/bash-completion/completions/kvol", "share/fish/vendor_completions.d/kvol.fish", "share/zsh/site-functions/_kvol",
        ];
        string[] timers =
        [
            "lib/systemd/system/kvol-snapshot.service", "lib/systemd/system/kvol-snapshot.timer", "share/examples/kvol/cron",
            "lib/systemd/system/kvol-plugin.socket", "lib/systemd/system/kvol-plugin@.service", "share/examples/kvol/containers.conf",
            "share/examples/kvol/inetd.conf", "share/examples/kvol/kvol.spec",
        ];
        string[] hooks =
        [
            "share/containers/oci/hooks.d/kvol-precreate.json", "share/containers/oci/hooks.d/kvol-poststop.json",
        ];
        Assert.Equal(
            new[] { "sbin/kvol", "share/man/man5/kvol.conf.5", "share/man/man8/kvol.8" }.Concat(pages).Concat(scripts).Concat(timers)
                .Concat(hooks).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(dest, "*", SearchOption.AllDirectories).Select(f => f[dest.Length..]).Order(StringComparer.Ordinal));
        foreach (var (script, shell) in scripts.Zip(["bash", "fish", "zsh"]))
        {
            Assert.Equal(box.Run("completion", shell).Ok().Out, File.ReadAllText(dest + script));
        }

        Assert.Contains("\nExecStart=/opt/sbin/kvol snapshot --due -q\n", File.ReadAllText(dest + timers[0]));
        Assert.Contains("\n0 * * * * root /opt/sbin/kvol snapshot --due -q\n", File.ReadAllText(dest + timers[2]));
        Assert.Contains("\nExecStart=/opt/sbin/kvol plugin\n", File.ReadAllText(dest + timers[4]));
        Assert.Contains("\t/opt/sbin/kvol\t", File.ReadAllText(dest + timers[6]));

        foreach (var (hook, stage) in hooks.Zip(Commands.OciCommand.Stages))
        {
            var json = JsonDocument.Parse(File.ReadAllText(dest + hook)).RootElement;
            Assert.Equal("/opt/sbin/kvol", json.GetProperty("hook").GetProperty("path").GetString());
            Assert.Equal($"[\"kvol\", \"oci\", \"{stage}\"]", json.GetProperty("hook").GetProperty("args").GetRawText());
            Assert.Equal($"[\"{stage}\"]", json.GetProperty("stages").GetRawText());
        }

        // Each name leads to a page that has it in its section NAME.
        foreach (var page in pages)
        {
            var name = Path.GetFileNameWithoutExtension(page);
            var shown = Tool.Run("sh", "-c", $"cd '{dest}share/man' && mandoc -T ascii man8/{name}.8 | col -b");
            Assert.Contains(name, shown.Split("\nSYNOPSIS\n")[0].Split("\nNAME\n")[1], StringComparison.Ordinal);
        }

        Assert.Equal(0b111_101_101, Sys.TryStat(dest + "sbin/kvol")!.Mode & 0xfff);
    }

    [Fact]
    public void Lint_has_nothing_to_say()
    {
        using var child = new Running("make", ["lint"], directory: PortTree.Top);
        Assert.Equal("", child.Wait().Ok().Err);
    }
}
