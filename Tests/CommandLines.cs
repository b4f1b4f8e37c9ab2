using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A command line does what was typed, or nothing.</summary>
public partial class CommandLines
{
    // An import, process $p, that has made a part of its volume and waits for the rest of the archive. A shell lets its jobs ignore SIGINT.
    private const string BeginImport =
        "head -c 1M /dev/zero >f; tar cf t f; mkfifo p; env --default-signal=INT \"$KVOL\" import v p & p=$!; exec 8>p; "
        + "head -c 60000 t >&8; "
        + "until ls -A \"$KVOL_ROOT/volumes\" 2>/dev/null | grep -q .; do sleep 0.01; done; ";

    [Theory]
    [InlineData("--dry-walk", "rm", "--dry-walk", "web")]
    [InlineData("-N", "rm", "web", "-N")]
    [InlineData("-rf", "rm", "-rf", "web")]
    [InlineData("-fx", "rm", "-fx", "web")]
    [InlineData("--name", "create", "--name", "web2")]
    [InlineData("--bogus", "create", "-l", "--bogus", "web2")]
    [InlineData("--json=1", "rm", "--json=1", "web")]
    [InlineData("--keep", "rm", "web", "--keep")]
    [InlineData("--keep 1x", "rm", "--keep", "1x", "web")]
    [InlineData("--keep", "rm", "--keep", "-1", "web")]
    [InlineData("--wait 1.5.5", "--wait", "1.5.5", "ls")]
    [InlineData("--jobs 2.5", "mount", "-j", "2.5", "ROOT", "web:/x")]
    [InlineData("--pid x", "attach", "--pid", "x", "j", "ROOT", "web:/x")]
    [InlineData("--quota 1e3", "create", "--quota", "1e3", "web2")]
    [InlineData("--quota 5bb", "create", "--quota", "5bb", "web2")]
    [InlineData("--quota", "create", "--quota", "", "web2")]
    [InlineData("--quota", "create", "--quota=", "web2")]
    [InlineData("--quota", "create", "--quota", "1G", "--quota", "2G", "web2")]
    [InlineData("DIR", "seed", "web", "")]
    [InlineData("NAME", "rm", "web", "")]
    [InlineData("-o", "export", "web", "-o", "")]
    [InlineData("@l", "rm", "@l", "web")]
    [InlineData("@/etc/hostname", "create", "@/etc/hostname")]
    [InlineData("SPEC", "mount", "web:/x")]
    [InlineData("b", "create", "a", "b")]
    [InlineData("lst", "lst")]
    [InlineData("'mount'", "moutn", "/x", "web:/y")]
    [InlineData("-V", "-V")]
    [InlineData("'ls'", "LS")]
    [InlineData("bogus", "help", "bogus")]
    [InlineData("-t", "ls", "-t")]
    [InlineData("--format", "ls", "--format", "json")]
    [InlineData("--type nonsense", "ls", "-t", "nonsense")]
    [InlineData("-o nonsense", "ls", "-o", "nonsense")]
    [InlineData("--mount", "mount", "ROOT", "--mount", "type=volume,source=web,destination=/x")]
    public void A_wrong_one_is_64_names_its_word_and_changes_nothing(string word, params string[] arguments)
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        File.WriteAllText(box.Top + "/l", "web\n");
        var before = box.State();
        var result = box.Run([.. arguments.Select(a => a == "ROOT" ? box.Root : a)]).Refused(64, word);
        Assert.Equal("", result.Out);
        Assert.DoesNotContain("System.", result.Err, StringComparison.Ordinal);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void Words_that_people_type_work()
    {
        using var box = new Box();
        Assert.Contains("create [NAME]", box.Run("help").Ok().Out, StringComparison.Ordinal);
        Assert.All(box.Run("--help").Ok().Lines, l => Assert.True(l.Length <= 80, l));
        Assert.True(box.Run("--help").Lines.Length <= 24);
        Assert.Equal(box.Run("mount", "--help").Ok().Out, box.Run("help", "mount").Ok().Out);
        Assert.Equal(box.Run("--version").Ok().Out, box.Run("version").Ok().Out);
        Assert.Contains("create [NAME]", box.Run() is { Exit: 64 } bare ? bare.Err : "", StringComparison.Ordinal);
        box.Run("volume", "create", "web").Ok();
        Assert.Equal(["web"], box.Run("volume", "list", "-q").Ok().Lines);
        Assert.Contains("State       empty", box.Run("show", "web").Ok().Out, StringComparison.Ordinal);
        Assert.Equal(box.Run("show", "web").Out, box.Run("info", "web").Ok().Out);
        Assert.Equal((0, "", ""), box.Run("exists", "web") is var there ? (there.Exit, there.Out, there.Err) : default);
        Assert.Equal((66, "", ""), box.Run("exists", "wib") is var not ? (not.Exit, not.Out, not.Err) : default);
        box.Mount("web:/x").Ok();
        box.Run("unmount", box.Root, "/x").Ok();
        box.Run("remove", "--keep", "7d", "web").Ok();
        box.Run("undelete", "web").Ok();
        Assert.Equal("web\n", box.Run("delete", "-f", "web").Ok().Out);
        Assert.Equal(64, box.Run("create", "--", "-x").Exit);
    }

    [Fact]
    public void Every_verb_has_help_with_examples_and_the_manual_page()
    {
        foreach (var verb in Commands.Verbs.Groups.SelectMany(g => g.Verbs))
        {
            var help = Commands.Help.Of(verb);
            Assert.Contains("\nExamples:\n", help, StringComparison.Ordinal);
            Assert.Contains($"kvol-{verb.Name}(8)", help, StringComparison.Ordinal);
            Assert.All(help.Split('\n').Where(l => !l.Contains("exec.", StringComparison.Ordinal)), l => Assert.True(l.Length <= 80, l));
            foreach (var example in Commands.Examples.Of(verb.Name).Where(e => e.StartsWith("kvol ", StringComparison.Ordinal)))
            {
                var words = example.Split(" | ")[0].Split(" || ")[0].Split(" >")[0].Split(' ').Skip(1);
                _ = Commands.CommandLine.Read(words);
            }
        }
    }

    [Fact]
    public void Ls_takes_names_columns_and_filters()
    {
        using var box = new Box();
        box.Run("create", "web1", "-l", "tier.a=1").Ok();
        box.Run("create", "web2").Ok();
        Assert.Equal(["web2"], box.Run("ls", "-q", "web2").Ok().Lines);
        Assert.Equal(["web2"], box.Run("ls", "-q", "web2", "none").Refused(1, "none").Lines);
        box.Run("ls", "none").Refused(66, "none");
        Assert.Equal(["web1"], box.Run("ls", "-q", "--filter", "name=w[a-f]b[!2-9]").Ok().Lines);
        Assert.Equal(["web1"], box.Run("ls", "-q", "--filter", "label=tier*").Ok().Lines);
        Assert.Equal(["web2"], box.Run("ls", "-q", "--filter", "label!=tier*").Ok().Lines);
        Assert.Empty(box.Run("ls", "-q", "--filter", "until=1h").Ok().Lines);
        Assert.Equal(2, box.Run("ls", "-q", "--filter", "until=0s").Ok().Lines.Length);
        var row = box.Run("ls", "-H", "-o", "name,used,created", "web1").Ok().Out.TrimEnd('\n').Split('\t');
        Assert.Equal("web1", row[0]);
        Assert.True(long.TryParse(row[1], out _), row[1]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT.*Z$", row[2]);
        Assert.Matches(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s", box.Run("ls").Ok().Out);
    }

    [Fact]
    public void A_destination_that_kvol_does_not_know_is_no_success()
    {
        using var box = new Box();
        box.Mount("web:/srv/www").Ok();
        box.Umount("/srv/wwww").Refused(66, "/srv/wwww");
        box.Run("umount", box.Root + "/srv/www").Refused(66, "web", $"kvol umount {box.Root} /srv/www");
        Assert.Single(box.Mounts);
        box.Umount("/srv/www").Ok();
        box.Umount("/srv/www").Ok();
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Detach_of_a_jail_that_is_attached_elsewhere_says_where()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "www", box.Root, "web:/srv").Ok();
        box.Run("detach", "www", other).Refused(66, $"kvol detach www {box.Root}");
        Assert.Single(box.Mounts);
        box.Run("detach", "nobody", other).Ok();
        Assert.Contains("nobody", box.Run("detach", "nobody").Ok().Err, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_created_and_seeded_is_said_and_what_was_there_is_not()
    {
        using var box = new Box();
        new Tree(new Dir("srv"), new Text("srv/a", "12345")).Build(box.Root);
        Assert.Equal("kvol: web: created, seeded with 1 file (5 bytes) from /srv\n", box.Mount("web:/srv").Ok().Err);
        Assert.Equal("", box.Mount("web:/srv").Ok().Err);
        Assert.Contains("already mounted", box.Mount("-v", "web:/srv").Ok().Err, StringComparison.Ordinal);
        Assert.Contains("unmounted", box.Umount("-v").Ok().Err, StringComparison.Ordinal);
        Assert.Equal("", box.Mount("-q", "new:/new").Ok().Err);
        Assert.Equal("kvol: web: renamed to w\n", box.Run("rename", "web", "w").Ok().Err);
        Assert.Equal("kvol: w: label.a set to b\n", box.Run("set", "w", "label.a=b").Ok().Err);
    }

    [Fact]
    public void Create_of_an_existing_volume_says_what_differs_and_the_command_for_it()
    {
        using var box = new Box();
        box.Run("create", "web", "-l", "a=b").Ok();
        Assert.Equal("", box.Run("create", "web", "-l", "a=b").Ok().Err);
        var result = box.Run("create", "web", "--quota", "10G", "-l", "a=c d").Ok();
        Assert.Equal("web\n", result.Out);
        Assert.Contains("kvol set web 'label.a=c d' quota=10G", result.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(66, "./f", "import x ./f")]
    [InlineData(66, "f", "seed web f")]
    [InlineData(73, "o", "export web -o o")]
    [InlineData(66, ".", "mount . web:/x")]
    [InlineData(66, "/d", "mount $R ./d:/x")]
    public void Relative_paths_in_a_directory_that_is_gone_are_refused_in_plain_words(int status, string word, string command)
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        var refused = box.Shell($"mkdir gone; cd gone; rmdir ../gone; \"$KVOL\" {command}").Refused(status, word);
        Assert.DoesNotContain("IO_", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void With_autocreate_off_a_mount_creates_nothing()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "autocreate = off\n");
        box.Mount("wbe:/srv").Refused(66, "wbe");
        Assert.Empty(box.Volumes);
        box.Run("create", "web").Ok();
        box.Mount("web:/srv").Ok();
    }

    [Theory]
    [InlineData("false", true)]
    [InlineData("F", true)]
    [InlineData("0", true)]
    [InlineData("True", false)]
    [InlineData("t", false)]
    public void A_boolean_of_the_long_form_means_what_it_says(string value, bool readOnly)
    {
        using var box = new Box();
        box.Mount($"type=volume,source=v,destination=/d,rw={value}").Ok();
        box.Mount($"type=volume,source=w,destination=/e,readonly={value}").Ok();
        var mounts = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement.EnumerateArray().ToDictionary(
            m => m.GetProperty("source").GetString()!, m => m.GetProperty("read_only").GetBoolean());
        Assert.Equal((readOnly, !readOnly), (mounts["v"], mounts["w"]));
        Assert.Equal(readOnly ? 0 : 66, box.Mount($"type=volume,source=x,destination=/f,nocreate={value}").Exit);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void An_interrupted_command_dies_by_the_signal(string signal, int status)
    {
        using var box = new Box();
        var result = box.Shell(BeginImport + $"kill -{signal} $p; wait $p; echo $?");
        Assert.Equal($"{status}\n", result.Out);
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void The_signal_for_progress_does_not_end_a_command_at_work_or_at_its_end()
    {
        using var box = new Box();
        var signal = Platform.IsFreeBSD ? 29 : 10; // SIGINFO, SIGUSR1
        var result = box.Shell(
            BeginImport + $"for i in 1 2 3 4 5; do kill -{signal} $p; done; exec 8>&-; "
            + $"while kill -{signal} $p 2>/dev/null; do :; done & wait $p; echo $?");
        Assert.Equal("65\n", result.Out);
    }

    [Fact]
    public void Control_characters_are_escaped_in_tables_and_messages_and_json_is_escaped_once()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=x\u001b[31my").Ok();
        Assert.Contains("x\\x1b[31my", box.Run("ls").Ok().Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', box.Run("show", "v").Ok().Out);
        Assert.DoesNotContain('\u001b', box.Run("ls", "--filter", "x\u001b").Refused(64).Err);
        Assert.Equal("x\u001b[31my", box.Inspect("v").GetProperty("labels").GetProperty("a").GetString());
        var root = box.MakeDir("r\nt");
        box.Run("mount", root, "v:/a\tb").Ok();
        var mount = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement[0];
        Assert.Equal(root + "/a\tb", mount.GetProperty("path").GetString());
        Assert.Equal("/a\tb", mount.GetProperty("destination").GetString());
        box.Run("umount", root).Ok();
    }
}
