using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What kvol offers at a tab.</summary>
public class Completion
{
    /// <summary>A store, mounts and attachments with names that are easy and names that are not.</summary>
    internal static Box Filled()
    {
        var box = new Box();
        box.MakeDir("it's a root");
        foreach (var name in (string[])["web", "wiki", "db", "gone"])
        {
            box.Run("create", name).Ok();
        }

        box.Run("rm", "--keep", "7d", "gone").Ok();
        Sys.Mkdir($"{box.Store}/volumes/web/snapshots", 0b111_000_000);
        Sys.Mkdir($"{box.Store}/volumes/web/snapshots/before", 0b111_000_000);
        box.Run("attach", "-q", "www", box.Root, "web:/srv/www").Ok();
        box.Run("attach", "-q", "o'neil", box.Root, "web:/srv/a b").Ok();
        box.Run("mount", "-q", box.Top + "/it's a root", "wiki:/it's here").Ok();
        return box;
    }

    // A line, and what may stand for its last word.
    private static readonly (string Line, string Choices)[] Cases =
    [
        ("m", "mount mounts"),
        ("un", "undelete unload-key"),
        ("rm w", "web wiki"),
        ("rm web ", "db wiki"),
        ("rm -f -- w", "web wiki"),
        ("rm --keep 7d w", "web wiki"),
        ("volume exists d", "db"),
        ("--wait 1 exists d", "db"),
        ("exists web ", ""),
        ("undelete ", "gone"),
        ("rm --deleted ", "gone"),
        ("detach ", "o'neil www"),
        ("rm --f", "--force"),
        ("rm -f --f", ""),
        ("rm -- --f", ""),
        ("create -l a=b --la", "--label"),
        ("ls -o name,st", "name,state"),
        ("ls -o name,state,n", ""),
        ("ls --sort=qu", "--sort=quota"),
        ("ls --filter st", "state="),
        ("ls --filter state=re", "state=ready state=receiving"),
        ("ls --filter=mounted=", "--filter=mounted=false --filter=mounted=true"),
        ("ls -t ", "snapshot volume"),
        ("ls --filter unu", "unused="),
        ("ls -o name,last_", "name,last_jail name,last_used"),
        ("export web --format ", "tar zfs"),
        ("df --format ", "prometheus"),
        ("prune --un", "--unused"),
        ("set web reser", "reservation="),
        ("set web la", "label."),
        ("get web rec", "recordsize"),
        ("create -o com", "compression="),
        ("mount R w", "web: wiki:"),
        ("mount R web:/x", ""),
        ("mount R web:/x:ro,noe", "web:/x:ro,noexec"),
        ("mount R web:/x:noexec,noe", ""),
        ("mount R web:/x:cr", ""),
        ("mount R /h:/x:cr", "/h:/x:create-source"),
        ("mount R /h:/x:nocr", ""),
        ("mount R /h:/x:noc", Platform.IsFreeBSD ? "/h:/x:nocache" : ""),
        ("mount R /h:/x:nod", Platform.IsFreeBSD ? "" : "/h:/x:nodev"),
        ("mount R web:/x:ro,id", Platform.IsFreeBSD ? "" : "web:/x:ro,idmap="),
        ("mount R web@", "web@before:"),
        ("mount R web@b", "web@before:"),
        ("mount R web@before:/x:noc", ""),
        ("mount R web@before:/x:sub", "web@before:/x:subpath="),
        ("mount R source=web@", "source=web@before"),
        ("mount R web:/x:ow", "web:/x:owner="),
        ("mount R web:/x:sub", "web:/x:subpath="),
        ("mount R ty", "type="),
        ("mount R type=vol", "type=volume"),
        ("mount R type=volume,so", "type=volume,source="),
        ("mount R type=volume,source=w", "type=volume,source=web type=volume,source=wiki"),
        ("mount R type=volume,source=web,rea", "type=volume,source=web,readonly"),
        ("mount R type=volume,source=web,readonly=t", "type=volume,source=web,readonly=true"),
        ("mount R type=t", "type=tmpfs"),
        ("mount R type=tmpfs,s", "type=tmpfs,size="),
        ("mount R type=tmpfs,nos", "type=tmpfs,nosuid"),
        ("mount R type=tmpfs,noc", ""),
        ("mount R type=fdescfs,li", "type=fdescfs,linrdlnk"),
        ("help unm", ""),
        ("help umo", "umount"),
        ("completion ", "bash fish sh tcsh zsh"),
        ("bogus ", ""),
        ("rollback w", "web@ wiki@"),
    ];

    [Fact]
    public void A_word_is_completed()
    {
        using var box = Filled();
        Assert.Equal(
            string.Join('\n', Cases.Select(c => $"{c.Line}: {c.Choices}")),
            string.Join('\n', Cases.Select(c => $"{c.Line}: {string.Join(' ', Ask(box, c.Line.Split(' ')))}")));
    }

    [Fact]
    public void Paths_of_kvols_own_are_offered_with_any_character()
    {
        using var box = Filled();
        Assert.Equal([":directories", box.Top + "/it's a root", box.Root], Ask(box, "umount", ""));
        Assert.Equal(["/it's here"], Ask(box, "umount", box.Top + "/it's a root", ""));
        Assert.Equal(["/srv/a b", "/srv/www"], Ask(box, "umount", box.Root, "/srv"));
        Assert.Equal([":files --output="], Ask(box, "export", "web", "--output=/x"));
    }

    [Fact]
    [Trait("System", "Linux")] // the stand-in has no block cloning
    public void Snapshots_are_completed()
    {
        using var box = new Box("xfs");
        box.Run("create", "web").Ok();
        box.Run("snapshot", "web@one").Ok();
        box.Run("snapshot", "web@two").Ok();
        Assert.Equal(["web@one", "web@two"], Ask(box, "rollback", "web@"));
        Assert.Equal(["web@two"], Ask(box, "rm", "web@one", "web@"));
        Assert.Equal(["one", "two"], Ask(box, "export", "web@two", "-i", ""));
        Assert.Empty(Ask(box, "snapshot", "web@"));
    }

    [Fact]
    public void Every_verb_and_option_of_the_help_is_offered_and_no_other_name_of_a_verb()
    {
        static IEnumerable<string> Ask(params string[] words) => Commands.Completion.Of(words).Words.Select(w => w.Word);
        var verbs = Commands.Verbs.Groups.SelectMany(g => g.Verbs).ToArray();
        Assert.Equal(verbs.Select(v => v.Name).Order(StringComparer.Ordinal), Ask(""));
        foreach (var verb in verbs)
        {
            var options = Commands.Verbs.Build(verb).Options.SelectMany(o => o.Aliases.Append(o.Name)).Append("--help");
            Assert.Equal(options.Order(StringComparer.Ordinal), Ask(verb.Name, "-"));
        }
    }

    [Fact]
    public void The_root_directory_and_the_store_of_the_line_are_asked()
    {
        using var box = Filled();
        box.Environment["KVOL_ROOT"] = box.Top + "/none";
        Assert.Equal(["web", "wiki"], Ask(box, "--root", box.Store, "exists", "w"));
        Assert.Equal(["web", "wiki"], Ask(box, "exists", $"--root={box.Store}", "w"));
        Assert.Empty(Ask(box, "exists", "w"));
    }

    [Fact]
    public void It_writes_nothing_and_needs_nothing()
    {
        using var box = Filled();
        Tool.Run("chmod", "777", box.Store + "/volumes"); // kvol closes it, but not for a tab
        var before = Everything(box);
        foreach (var line in (string[])["exists w", "rm web@", "undelete ", "attach ", "umount ", $"umount {box.Root} ", "mount R x", ""])
        {
            (string, string)[] places = [(box.Store, box.Top + "/run"), (box.Top + "/none", box.Top + "/none"), ("nopool/kvol", "/")];
            foreach (var (store, run) in places)
            {
                box.Environment["KVOL_ROOT"] = store;
                box.Environment["KVOL_RUN"] = run;
                _ = Ask(box, line.Split(' '));
            }
        }

        Assert.Equal(before, Everything(box));
        File.WriteAllText(box.Config, "none = 1\n");
        Assert.Empty(Ask(box, "exists", ""));
    }

    [Theory]
    [InlineData("--", "exists", "w")]
    [InlineData("--", "")]
    [InlineData("--bash", ":=", "kvol exists w")]
    [InlineData("--tcsh")]
    public void To_others_than_root_it_says_nothing(params string[] words)
    {
        using var box = Filled();
        Tool.Run("chmod", "755", box.Top);
        box.Environment["COMMAND_LINE"] = "kvol exists w";
        var result = box.Shell("exec setpriv --reuid 65534 --clear-groups \"$KVOL\" complete \"$@\"", words);
        Assert.Equal((0, "", ""), (result.Exit, result.Out, result.Err));
    }

    [Fact]
    public void It_never_fails()
    {
        using var box = Filled();
        string[][] lines =
        [
            ["rm", ""],
            ["", "web", ""],
            ["-x", "rm", "--bogus", "-", "w"],
            ["ls", "--json=1", "--sort"],
            ["mount", "R", ":::::"],
            ["umount", "\n", ""],
            ["rollback", "../x@"],
            ["rm", "\u001b[2J@"],
            ["--root=", "rm", ""],
            ["--root", "x\ufffd", "rm", ""],
            ["ls", "--"],
            ["ls", "-="],
        ];
        foreach (var words in lines)
        {
            _ = Ask(box, words);
        }
    }

    [Fact]
    public void With_10_000_volumes_it_opens_no_more_files_than_with_one()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        string[] count = ["-f", "-o", box.Top + "/calls", "-e", "trace=open,openat,openat2,mkdir,mkdirat,flock,fchmod,fchmodat,rename"];
        box.Environment["KVOL_TRACE"] = string.Join(' ', count);
        int Calls()
        {
            box.Shell("strace $KVOL_TRACE \"$KVOL\" complete -- exists w").Ok();
            return File.ReadLines(box.Top + "/calls").Count(l => !l.Contains("/proc/", StringComparison.Ordinal));
        }

        var one = Calls();
        for (var i = 0; i < 10_000; i++)
        {
            Sys.Mkdir($"{box.Store}/volumes/v{i}");
        }

        Assert.Equal(one, Calls());
        Assert.Equal(1111, Ask(box, "exists", "v1").Length);
    }

    [Fact]
    public void A_shell_without_a_script_is_refused_with_the_known_ones()
    {
        using var box = new Box();
        box.Run("completion", "ksh").Refused(64, "ksh", "bash fish sh tcsh zsh");
        box.Run("complete", "x").Refused(64, "complete: unknown command");
    }

    private static string[] Ask(Box box, params string[] words)
    {
        var result = box.Run(["complete", "--", .. words]).Ok();
        Assert.Equal("", result.Err);
        return [.. result.Lines.Select(l => l.Split('\t')[0])];
    }

    private static string Everything(Box box) =>
        box.Shell("find . -xdev ! -name kvol.conf -printf '%p %i %m %u %s %C@ %T@\\n' | sort").Ok().Out;
}
