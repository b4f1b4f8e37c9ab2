using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>With -n, a verb makes its checks, prints its steps, and changes nothing.</summary>
public partial class DryRuns
{
    [Fact]
    public void Nothing_changes_and_the_status_is_that_of_the_real_run()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "the messages of mounts differ");
        using var box = Scene();
        foreach (var (line, exit) in Commands)
        {
            var words = line.Replace("$T", box.Top).Replace("$R", box.Root).Split(' ');
            var before = Everything(box);
            var dry = box.Run(words.Contains("-n") ? words : [.. words, "-n"]);
            Assert.True(dry.Exit == exit, $"{line}: {dry.Exit}, {dry.Out}{dry.Err}");
            Assert.Equal(before, Everything(box));
            if (exit is 0 or 1)
            {
                continue;
            }

            var real = box.Run(words);
            Assert.Equal((line, real.Exit, real.Err), (line, dry.Exit, dry.Err));
            Assert.Equal((line, ""), (line, dry.Out));
        }
    }

    [Fact]
    public void Where_there_is_no_store_and_no_run_directory_none_is_made()
    {
        using var box = new Box();
        Tool.Run("rmdir", box.Top + "/run");
        var before = Everything(box);
        var run = $"mkdir -m 0700 {box.Top}/run";
        string[] store = [$"mkdir -m 0700 {box.Store}", $"mkdir -m 0700 {box.Store}/volumes", $"mkdir -m 0700 {box.Store}/volumes/v"];
        Announces(box.Run("create", "-n", "v"), store);
        Announces(box.Run("mount", "-n", box.Root, "v:/data"), [.. store, run, $"mkdir -p {box.Root}/data"]);
        Announces(box.Run("attach", "-n", "www", box.Root, "v:/data"), [.. store, run]);
        Announces(box.Run("init", "-n"), store[..2]);
        box.Run("rm", "-n", "v").Refused(66);
        box.Run("set", "-n", "v", "label.a=b").Refused(66);
        box.Run("umount", "-n", box.Root).Ok();
        box.Run("detach", "-n", "www").Ok();
        Assert.Equal(before, Everything(box));
    }

    [Fact]
    public void Permissions_are_announced_and_not_changed()
    {
        using var box = Scene();
        foreach (var path in (string[])[box.Store, box.Store + "/volumes", box.Top + "/run"])
        {
            Sys.Chmod(path, 0b111_111_111);
            var before = Everything(box);
            var lines = box.Run("rm", "-n", "db").Ok().Lines;
            Assert.Contains(lines, l => l.StartsWith("chmod ", StringComparison.Ordinal)
                && l.EndsWith(" " + path, StringComparison.Ordinal));
            Assert.Equal(before, Everything(box));
            Sys.Chmod(path, 0b111_000_000);
        }
    }

    [Fact]
    public void What_is_busy_stays_and_is_named_as_in_the_real_run()
    {
        using var box = Scene();
        using var holder = new Running("sleep", ["1000"], directory: box.Root + "/www");
        foreach (var words in (string[][])[["umount", box.Root], ["rm", "-f", "web"]])
        {
            var dry = box.Run([.. words, "-n"]).Refused(75, "is busy", $"pid {holder.Pid}");
            Assert.Equal("", dry.Out);
            Assert.Equal(dry.Err, box.Run(words).Err);
        }
    }

    [Fact]
    public void A_read_only_store_is_refused_as_in_the_real_run()
    {
        using var box = Scene();
        var copy = box.MakeDir("copy");
        box.Shell("cp -a $KVOL_ROOT copy/ && mkdir copy/dir && mount --bind copy copy && mount -o remount,bind,ro copy").Ok();
        foreach (var line in (string[])["create new", "rm db", "rm --keep 1d db", "mount $R new:/x", "set db label.a=b", "rename db data",
            "clone db data", "undelete gone", "rm --deleted gone", "import new $T/in.tar", "seed empty $T/host", "init $T/copy/second",
            "adopt $T/copy/dir new", "release db $T/copy/out"])
        {
            string[] words = ["--root", copy + "/store", .. line.Replace("$T", box.Top).Replace("$R", box.Root).Split(' ')];
            words = line.StartsWith("init", StringComparison.Ordinal) ? words[2..] : words;
            var dry = box.Run([.. words, "-n"]);
            Assert.Equal((line, 73, ""), (line, dry.Exit, dry.Out));
            Assert.Equal((line, dry.Exit), (line, box.Run(words).Exit));
        }

        box.Shell("umount copy").Ok();
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("tmpfs")]
    public void The_steps_that_are_announced_are_those_that_happen(string type)
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "mount(8)");
        using var box = new Box(type);
        var host = box.MakeDir("host");
        box.MakeDir("other");
        new Tree(new Dir("data"), new Text("data/file"), new Dir("data/sub"), new Owner("data", 7, 8)).Build(box.Root);
        new Tree(new Text("file"), new Dir("dir")).Build(host);
        Announced(box, "init");
        Announced(box, "create db -l a=b --owner 1:2");
        Announced(box, "create db");
        Announced(box, "create empty");
        Announced(box, "seed empty $T/host");
        Announced(box, "mount $R web:/data db:/deep/er:ro,nosuid $T/host:/host:noexec web:/deep/er2:ro");
        Announced(box, "mount $R web:/data log:/log");
        Announced(box, "mount $R $T/host/file:/file db:/sub:subpath=dir", 66);
        Announced(box, "mount $R one:/one none:/two:nocreate", 66);
        Announced(box, "attach www $T/other db:/db www:/www logs:/www/logs $T/host/file:/etc/file");
        Announced(box, "attach www $T/other db:/db more:/more");
        Announced(box, "attach two $T/other db:/db");
        Announced(box, "rm web", 75);
        Announced(box, "rm -f log");
        Announced(box, "umount $R /deep/er");
        Announced(box, "detach two");
        Announced(box, "detach www $T/other");
        Announced(box, "umount $R");
        Announced(box, "umount $R");
        Announced(box, "clone web copy");
        Announced(box, "rename copy third");
        Announced(box, "set third label.x=y");
        Announced(box, "export third -o $T/third.tar");
        Announced(box, "import fourth $T/third.tar");
        Announced(box, "rm --keep 7d fourth");
        Announced(box, "undelete fourth");
        if (type == "xfs")
        {
            Announced(box, "snapshot web@a db@a");
            Announced(box, "rollback web@a");
            Announced(box, "clone web@a fifth");
            Announced(box, "rm web@a");
            Announced(box, "rm db", 75);
            Announced(box, "set db snapshots=daily:2");
            Announced(box, "attach --snapshot www $T/other db:/db new:/www");
            Announced(box, "detach www");
            File.WriteAllText(box.Config, "trash = 7d\n");
            Announced(box, "rollback -r db@a");
            Announced(box, "undelete " + box.Run("ls", "--deleted", "-H").Lines[0].Split('\t')[1]);
            Announced(box, "rm fifth");
            Announced(box, "undelete fifth");
            Announced(box, "rm db@a", 0);
            Announced(box, "rm db", 75);
            Announced(box, "rm -f db");
            Announced(box, "rm --deleted db", 64);
        }

        Announced(box, "rm fourth third none", 1);
    }

    [Fact]
    public void The_commands_of_mount_umount_rename_and_rm_do_what_kvol_does()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "mount(8)");
        using Box real = Scene(), byHand = Scene();
        foreach (var words in (string[])["umount $R", "mount $R db:/a/b:ro,nosuid $T/host:/h:noexec", "umount $R /a/b", "rename empty full",
            "rm full", "detach jail1"])
        {
            string[] Words(Box box) => words.Replace("$T", box.Top).Replace("$R", box.Root).Split(' ');
            real.Run(Words(real)).Ok();
            byHand.Shell("set -e\n" + byHand.Run([.. Words(byHand), "-n"]).Ok().Out).Ok();
            Assert.Equal(real.Volumes, byHand.Volumes);
            Assert.Equal(Lines(real), Lines(byHand));
        }

        static IEnumerable<string> Lines(Box box) => MountInfo.Below(box.Top).Select(m =>
            $"{m.Target[box.Top.Length..]} {m.Root.Split(Path.GetFileName(box.Top))[^1]} {string.Join(',', m.Options)}");
    }

    // Runs a command with -n first: nothing may change, and then the volumes and mounts must change as announced.
    private static string[] Announced(Box box, string line, int exit = 0)
    {
        var words = line.Replace("$T", box.Top).Replace("$R", box.Root).Split(' ');
        var before = Everything(box);
        var dry = box.Run([.. words, "-n"]);
        Assert.Equal(before, Everything(box));
        var (volumes, mounts) = (VolumesOf(box), MountsOf(box));
        foreach (var step in dry.Lines)
        {
            var word = step.Split(' ');
            switch (word)
            {
                case ["mount", "--bind", _, var target]:
                    mounts.Add(target);
                    break;
                case ["umount", var target]:
                    mounts.Remove(target);
                    break;
                case ["mkdir", "-m", "0700", var path]:
                    volumes.UnionWith(NameOf(box, path));
                    break;
                case ["rm", "-rf", var path]:
                    volumes.ExceptWith(NameOf(box, path));
                    break;
                case ["mv", var from, var to]:
                    volumes.ExceptWith(NameOf(box, from));
                    volumes.UnionWith(NameOf(box, to));
                    break;
            }
        }

        var real = box.Run(words);
        Assert.True(real.Exit == exit && dry.Exit == exit, $"{line}: {dry.Exit} {dry.Err}, {real.Exit} {real.Err}");
        Assert.Equal((line, string.Join(' ', VolumesOf(box))), (line, string.Join(' ', volumes)));
        Assert.Equal((line, string.Join(' ', MountsOf(box).Order(StringComparer.Ordinal))),
            (line, string.Join(' ', mounts.Order(StringComparer.Ordinal))));
        foreach (var (i, word) in dry.Lines.Select(l => l.Split(' ')).Index()
            .Where(w => w.Item is ["rmdir" or "touch", _] or ["mkdir", "-p", _]))
        {
            // In a mount that is undone later, it was in the volume.
            Assert.True(Sys.Exists(word[^1]) != (word[0] == "rmdir")
                || dry.Lines.Skip(i).Any(l => l.StartsWith("umount ", StringComparison.Ordinal) && word[^1].StartsWith(l[7..] + "/",
                    StringComparison.Ordinal)), $"{line}: {string.Join(' ', word)}");
        }

        return dry.Lines;
    }

    private static void Announces(Result result, IEnumerable<string> steps) =>
        Assert.All(steps, s => Assert.Contains(s, result.Ok().Lines));

    private static SortedSet<string> VolumesOf(Box box) => new(
        Sys.Exists(box.Store + "/volumes") ? Sys.List(box.Store + "/volumes").Where(n => !n.StartsWith('.')) : [], StringComparer.Ordinal);

    private static List<string> MountsOf(Box box) => [.. MountInfo.Below(box.Top).Select(m => m.Target)];

    private static string[] NameOf(Box box, string path) =>
        Path.GetDirectoryName(path) == box.Store + "/volumes" ? [Path.GetFileName(path)] : [];

    private static string Everything(Box box) =>
        string.Join('\n', [.. Manifest.Of(box.Top).Lines, .. File.ReadAllLines("/proc/self/mountinfo")]);

    private static Box Scene()
    {
        var box = new Box();
        var (other, host) = (box.MakeDir("other"), box.MakeDir("host"));
        new Tree(new Dir("data"), new Text("data/one"), new Dir("data/two")).Build(box.Root);
        new Tree(new Text("file"), new Dir("dir")).Build(host);
        foreach (var name in (string[])["db", "empty", "gone"])
        {
            box.Run("create", name).Ok();
        }

        new Tree(new Text("file"), new Dir("dir")).Build(box.Data("db"));
        box.Run("set", "db", "label.k=v").Ok();
        box.Run("rm", "--keep", "7d", "gone").Ok();
        box.Mount("web:/www").Ok();
        box.Run("attach", "jail1", other, "jail:/made/by/kvol").Ok();
        Tool.Run("tar", "-C", host, "-cf", box.Top + "/in.tar", ".");
        return box;
    }
}
