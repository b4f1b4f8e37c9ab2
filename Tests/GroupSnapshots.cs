using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Snapshots of several volumes of a directory store: taken, restored and removed as one.</summary>
[Trait("System", "Linux")]
public partial class GroupSnapshots
{
    private static readonly string[] Names = ["db", "log", "web"];

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void The_volumes_of_a_jail_go_back_together(string type)
    {
        using var box = new Box(type);
        Attach(box);
        Write(box, "old");
        var taken = box.Run("snapshot", "--jail", "www", "--name", "before").Ok();
        Assert.Equal(["db@before", "log@before", "web@before"], taken.Lines);
        Assert.Equal("kvol: the snapshots are not atomic, because these volumes are mounted writable: db, web\n", taken.Err);
        Write(box, "new");
        box.Run("rollback", "--jail", "www", "--to", "before").Refused(75, "db", box.Root + "/db", "kvol umount");
        box.Run("detach", "www").Ok();
        Assert.Equal("", box.Run("rollback", "--jail", "www", "--to", "before").Ok().Out);
        Assert.Equal(["old", "old", "old"], Contents(box));
        Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(box.Store + "/volumes/web"));
        Assert.Empty(Sys.List(box.Store + "/groups"));
    }

    [Fact]
    public void A_list_an_inspection_and_JSON_show_the_group()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        box.Run("snapshot", "web@alone").Ok();
        Assert.DoesNotContain("GROUP", box.Run("ls", "-t", "snapshot").Ok().Out);
        var made = JsonDocument.Parse(box.Run("snapshot", "--json", "web@a", "db@b").Ok().Out).RootElement;
        var id = made[0].GetProperty("group").GetString()!;
        Assert.Matches("^[0-9a-f]{12}$", id);
        Assert.Equal(["web@a", "db@b"], made.EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Matches($@"NAME +CREATED +GROUP\ndb@b .* {id}\nweb@alone .* -\nweb@a .* {id}\n", box.Run("ls", "-t", "snapshot").Ok().Out);
        Assert.Equal(["-", id], box.Run("ls", "-H", "-t", "snapshot", "web").Ok().Lines.Select(l => l.Split('\t')[2]));
        var one = JsonDocument.Parse(box.Run("inspect", "db@b", "web@alone").Ok().Out).RootElement;
        Assert.Equal(id, one[0].GetProperty("group").GetString());
        Assert.Equal(["web@a", "db@b"], one[0].GetProperty("members").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(JsonValueKind.Null, one[1].GetProperty("group").ValueKind);
        box.Run("inspect", "db@none").Refused(66, "db@none");
        Assert.Equal([id], box.Run("complete", "--", "rollback", "--group", "").Ok().Lines);
    }

    [Fact]
    public void Volumes_are_chosen_by_label_and_by_the_directory_they_are_mounted_below()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        box.Run("set", "web", "label.tier=front").Ok();
        box.Run("set", "db", "label.tier=back").Ok();
        Assert.Equal(["db@a", "web@a"], box.Run("snapshot", "--label", "tier", "--name", "a").Ok().Lines);
        Assert.Equal(["db@b"], box.Run("snapshot", "-l", "tier=back", "--name", "b").Ok().Lines);
        box.Run("snapshot", "-l", "tier=none").Refused(66, "tier=none");
        box.Run("snapshot", "--under", box.Root).Refused(66, box.Root);
        box.Run("snapshot", "--jail", "www").Refused(66, "www");
        box.MakeDir("root/a");
        box.Mount("log:/a:ro").Ok();
        var taken = box.Run("snapshot", "--under", box.Root, "--name", "c").Ok();
        Assert.Equal(["log@c"], taken.Lines);
        Assert.Equal("", taken.Err);
    }

    [Fact]
    public void A_member_that_cannot_be_taken_is_named_and_nothing_is_taken()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        box.Run("snapshot", "web@a").Ok();
        box.Run("snapshot", "db@a", "web@a").Refused(73, "web@a");
        box.Run("snapshot", "db@a", "none@a").Refused(66, "none");
        box.Run("snapshot", "db@a", "log@b", "db@c").Refused(64, "db", "twice");
        Sys.Write(box.Metadata("web"), "{"u8.ToArray());
        box.Run("snapshot", "db@b", "web@b").Refused(65, "web");
        Assert.Equal(["db", "log"], Sys.List(box.Store + "/volumes").Where(v => !Sys.Exists($"{box.Store}/volumes/{v}/snapshots")));
    }

    [Fact]
    public void A_group_that_lost_a_member_is_named_with_what_is_left()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        box.Run("rm", "log@a").Ok();
        box.Run("rollback", "--group", id).Refused(75, "log@a", "kvol rollback db@a", "kvol rollback web@a");
        box.Run("clone", "--group", id, "x-").Refused(75, "log@a", "kvol clone db@a");
        Assert.Equal(["db@a", "web@a"], box.Run("rm", "--group", id).Ok().Lines);
        box.Run("rm", "--group", id).Refused(66, id);
        box.Run("rollback", "--group", "none").Refused(66, "none", "kvol ls -t snapshot");
    }

    [Fact]
    public void A_renamed_volume_is_still_a_member()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        Write(box, "new");
        box.Run("rename", "log", "journal").Ok();
        box.Run("rollback", "--group", id).Ok();
        Assert.Equal("old", File.ReadAllText(box.Data("journal") + "/f"));
        Assert.Equal("old", File.ReadAllText(box.Data("web") + "/f"));
    }

    [Fact]
    public void Newer_snapshots_of_one_member_are_in_the_way_of_all()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        box.Run("snapshot", "web@b").Ok();
        box.Run("snapshot", "web@c").Ok();
        Write(box, "new");
        box.Run("rollback", "--group", id).Refused(75, "web@a", "b, c", "-r");
        Assert.Equal(["new", "new", "new"], Contents(box));
        var done = JsonDocument.Parse(box.Run("rollback", "--json", "-r", "--group", id).Ok().Out).RootElement;
        Assert.Equal(["web@c", "web@b"], done.GetProperty("destroyed").EnumerateArray().Select(d => d.GetString()));
        Assert.Equal(["db@a", "log@a", "web@a"], done.GetProperty("snapshots").EnumerateArray().Select(d => d.GetString()));
        Assert.Equal(["old", "old", "old"], Contents(box));
        Assert.Equal(["db@a", "log@a", "web@a"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void A_group_is_cloned_under_names_with_a_prefix_all_or_none()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        Write(box, "new");
        var cloned = box.Run("clone", "--group", id, "test-", "-l", "a=b").Ok();
        Assert.Equal("kvol: test-db: created from db@a\nkvol: test-log: created from log@a\nkvol: test-web: created from web@a\n",
            cloned.Err);
        Assert.Equal(["old", "old", "old"], Names.Select(n => File.ReadAllText(box.Data("test-" + n) + "/f")));
        Assert.Equal("b", box.Inspect("test-db").GetProperty("labels").GetProperty("a").GetString());
        box.Run("rm", "test-db", "test-log").Ok();
        box.Run("clone", "--group", id, "test-").Refused(73, "test-web", "prefix");
        box.Run("clone", "--group", id, "test/").Refused(64, "test/");
        box.Run("clone", "--group", id, "x-", "y").Refused(64, "y", "PREFIX");
        box.Run("clone", "db@a").Refused(64, "NEW");
        Assert.Equal(["db", "log", "test-web", "web"], box.Volumes);
    }

    [Fact]
    public void A_group_is_exported_into_a_directory_with_a_manifest()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        Write(box, "new");
        var to = box.Top + "/out";
        box.Run("export", "--group", id).Refused(64, "-o");
        box.Run("export", "--group", id, "db@a", "-o", to).Refused(64, "db@a");
        Assert.Equal("", box.Run("export", "--group", id, "-o", to).Ok().Out);
        Assert.Equal(["db.tar", "log.tar", "manifest.json", "web.tar"], Sys.List(to));
        var manifest = JsonDocument.Parse(File.ReadAllText(to + "/manifest.json")).RootElement;
        Assert.Equal(id, manifest.GetProperty("group").GetString());
        var volumes = manifest.GetProperty("volumes").EnumerateArray().ToArray();
        Assert.Equal(["db", "log", "web"], volumes.Select(v => v.GetProperty("volume").GetString()));
        foreach (var volume in volumes)
        {
            Assert.Equal("a", volume.GetProperty("snapshot").GetString());
            box.Run("import", "new-" + volume.GetProperty("volume").GetString(), $"{to}/{volume.GetProperty("file").GetString()}").Ok();
        }

        Assert.Equal(["old", "old", "old"], Names.Select(n => File.ReadAllText(box.Data("new-" + n) + "/f")));
        box.Run("export", "--group", id, "-o", to).Refused(73, to, "not empty");
        box.Run("export", "--group", id, "-o", to + "/web.tar").Refused(73, "not a directory");
        box.Run("rollback", "--group", id).Ok(); // nothing holds the volumes any more
    }

    [Fact]
    public void A_mounted_member_is_named_and_nothing_is_rolled_back()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        Write(box, "new");
        box.MakeDir("root/a");
        box.Mount("web:/a").Ok();
        box.Run("rollback", "--group", id).Refused(75, "web", box.Root + "/a");
        box.Run("rollback", "-f", "--group", id).Refused(64, "-f");
        Assert.Equal(["new", "new", "new"], Contents(box));
    }

    [Fact]
    public void Two_commands_with_shared_members_both_end()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        using var one = box.StartShell("for i in 1 2 3 4; do $KVOL snapshot web@a$i log@a$i db@a$i || exit; done");
        using var two = box.StartShell("for i in 1 2 3 4; do $KVOL snapshot db@b$i web@b$i log@b$i || exit; done");
        one.Wait().Ok();
        two.Wait().Ok();
        Assert.Equal(24, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines.Length);
    }

    [Fact]
    public void A_locked_member_is_named()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        using var holder = box.StartShell($"exec flock {box.Store}/locks/log sh -c 'touch {box.Top}/held; exec sleep 1000'");
        while (!Sys.Exists(box.Top + "/held"))
        {
            Thread.Sleep(5);
        }

        box.Run("snapshot", "--wait", "0", "db@a", "log@a", "web@a").Refused(75, "log", "locked by");
        Assert.Empty(box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    private static string Take(Box box, string name) => JsonDocument.Parse(
        box.Run(["snapshot", "--json", "--name", name, .. Names]).Ok().Out).RootElement[0].GetProperty("group").GetString()!;

    private static void Create(Box box, string content)
    {
        foreach (var name in Names)
        {
            box.Run("create", name).Ok();
        }

        Write(box, content);
    }

    private static void Attach(Box box)
    {
        foreach (var name in Names)
        {
            box.MakeDir("root/" + name);
        }

        box.Run("attach", "www", box.Root, "db:/db", "web:/web", "log:/log:ro", "/etc:/etc").Ok();
    }

    private static void Write(Box box, string content) => Array.ForEach(Names, n => File.WriteAllText(box.Data(n) + "/f", content));

    private static IEnumerable<string> Contents(Box box) => Names.Select(n => File.ReadAllText(box.Data(n) + "/f"));
}
