using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>With <c>trash</c> in the configuration, a removed volume comes back; and each verb that takes something away prints the command
/// that returns.</summary>
public partial class WaysBack(ITestOutputHelper output)
{
    [Fact]
    public void What_rm_removed_comes_back_as_it_was_by_the_command_that_it_printed()
    {
        using var box = Trash();
        box.Run("create", "v", "-l", "a=b").Ok();
        new Tree(new Text("f"), new Times("f", 5, 5)).Build(box.Data("v"));
        var (before, metadata) = (Manifest.Of(box.Data("v")), File.ReadAllText(box.Metadata("v")));
        var removed = box.Run("rm", "-v", "v").Ok();
        Assert.Equal("v\n", removed.Out);
        Assert.Matches(@"^kvol: v: kept until 20\d\d-\d\d-\d\d [\d:]{8}; to bring it back: kvol undelete [0-9a-f]{12}\n$", removed.Err);
        Assert.Empty(box.Volumes);
        box.Run("create", "v").Ok();
        Return(box, removed).Refused(73, "already exists, created 20", "rename or remove");
        box.Run("rm", "--now", "v").Ok();
        Return(box, removed).Ok();
        before.MustEqual(Manifest.Of(box.Data("v")));
        Assert.Equal(metadata, File.ReadAllText(box.Metadata("v")));
    }

    [Fact]
    public void Scripts_see_no_line_more_and_now_keeps_nothing()
    {
        using var box = Trash();
        box.Shell("for v in a b c d; do \"$KVOL\" create $v; done; \"$KVOL\" create; \"$KVOL\" create").Ok();
        Assert.Equal(("a\nb\n", ""), Both(box.Run("rm", "a", "b").Ok()));
        Assert.Equal(["a", "b"], box.Run("ls", "--deleted", "-q").Ok().Lines.Order());
        Assert.Equal(("c\n", ""), Both(box.Run("rm", "--now", "-v", "c").Ok()));
        Assert.Equal(2, box.Run("ls", "--deleted", "-q").Ok().Lines.Length);
        box.Run("rm", "--now", "--keep", "1h", "d").Refused(64, "--now", "--keep");
        var pruned = box.Run("prune", "-y", "-v").Ok();
        Assert.Equal(4, box.Run("ls", "--deleted", "-q").Ok().Lines.Length);
        Return(box, pruned).Ok();
        Assert.Equal(3, box.Volumes.Length);
        Assert.Equal("", box.Run("prune", "-y", "--now", "--all", "-v").Ok().Err);
        Assert.Equal(2, box.Run("ls", "--deleted", "-q").Ok().Lines.Length);
        box.Run("create", "e").Ok();
        Assert.Equal("", box.Run("rm", "--keep", "2h", "e").Ok().Err);
        var until = box.Run("ls", "--deleted", "-H").Ok().Lines.Single(l => l.StartsWith("e\t", StringComparison.Ordinal)).Split('\t');
        Assert.Equal(2, (DateTimeOffset.Parse(until[3]) - DateTimeOffset.Parse(until[2])).TotalHours);
    }

    [Fact]
    public void What_rm_refuses_it_refuses_still()
    {
        using var box = Trash("xfs");
        box.MakeDir("root/a");
        box.Mount("v:/a").Ok();
        box.Run("rm", "v").Refused(75, box.Root + "/a");
        box.Run("rm", "none").Refused(66, "none");
        box.Run("rm", "-f", "v").Ok();
        Assert.Empty(box.Mounts);
        box.Run("undelete", "v").Ok();
        box.Run("snapshot", "v@1").Ok();
        box.Run("rm", "v").Refused(75, "v@1", "rm -f");
        box.Run("rm", "-f", "v").Ok();
        box.Run("undelete", "v").Ok();
        Assert.Equal(["v@1"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        Sys.Write(box.Metadata("v"), "{"u8.ToArray());
        box.Run("rm", "v").Refused(65, "rm -f");
        Assert.Contains("/damaged/v.", box.Run("rm", "-f", "v").Ok().Err);
        Assert.Empty(box.Run("ls", "--deleted", "-q").Ok().Lines);
    }

    [Fact]
    public void Gc_ends_none_before_its_time_whatever_the_clock_says()
    {
        using var box = Trash();
        foreach (var name in (string[])["boot", "early", "later", "old"])
        {
            box.Run("create", name).Ok();
            box.Run("rm", name).Ok();
        }

        // The clock was years behind at the deletion and is right now; the host did not boot in between.
        Edit(box, "early", "\"20(..)-", "\"2001-");
        // The same, and the host did boot.
        Edit(box, "old", "\"20(..)-", "\"2001-");
        Edit(box, "old", "\"boot\": \"[^\"]*\"", "\"boot\": \"another\"");
        // The clock was ahead at the deletion.
        Edit(box, "later", "\"20(..)-", "\"2901-");
        Edit(box, "later", "\"boot\": \"[^\"]*\"", "\"boot\": \"another\"");
        Edit(box, "boot", "\"boot\": \"[^\"]*\"", "\"boot\": \"another\"");
        Assert.Equal("old", Assert.Single(box.Run("gc").Ok().Lines).Split(':')[0]);
        Assert.Equal(["boot", "early", "later"], box.Run("ls", "--deleted", "-q").Ok().Lines.Order());
        box.Shell("\"$KVOL\" undelete boot early later").Ok();
        Assert.Equal(["boot", "early", "later"], box.Volumes);
    }

    [Fact]
    public void What_they_take_is_shown_and_freed_on_demand()
    {
        using var box = Trash("ext4");
        foreach (var i in Enumerable.Range(0, 3))
        {
            box.Run("create", "v").Ok();
            Sys.Write(box.Data("v") + "/f", new byte[(i + 1) << 20]);
            box.Run("rm", "v").Ok();
        }

        box.Run("create", "w").Ok();
        Assert.Matches(@"(?m)^\(3 deleted\) +6(\.\d)?M", box.Run("df").Ok().Out);
        Assert.Equal(["w"], box.Run("df", "-H").Ok().Lines.Select(l => l.Split('\t')[0]));
        var each = JsonDocument.Parse(box.Run("df", "--deleted", "--json").Ok().Out).RootElement;
        Assert.All(each.EnumerateArray(), d => Assert.InRange(d.GetProperty("used").GetInt64(), 1 << 20, 4 << 20));
        Assert.Matches(@"ok   deleted volumes: 3 are kept and take 6 MiB; the first until 20\S+ \S+; 'kvol prune --deleted' frees",
            box.Run("doctor").Out);
        var ids = box.Run("df", "--deleted", "-H").Ok().Lines.Select(l => l.Split('\t')[1]).ToArray();
        box.Run("rm", "--deleted", "v").Refused(64, ids);
        box.Run("rm", "--deleted", "none").Refused(66, "ls --deleted");
        box.Run("rm", "--deleted", "--now", ids[1]).Refused(64, "--now");
        box.Run("prune", "--deleted").Refused(64, "3 deleted volumes", "-y");
        Assert.Equal("v\n", box.Run("rm", "--deleted", ids[1]).Ok().Out);
        Assert.Equal([$"v {ids[0]}", $"v {ids[2]}"], box.Run("prune", "--deleted", "-n").Ok().Lines);
        box.Run("prune", "--deleted", "-y").Ok();
        Assert.Empty(Sys.List(box.Store + "/deleted"));
        Assert.Equal(["w"], Sys.List(box.Store + "/volumes"));
        Assert.DoesNotContain("deleted", box.Run("df").Ok().Out + box.Run("doctor").Out);
    }

    [Fact]
    public void A_damaged_one_can_be_removed_by_its_id()
    {
        using var box = Trash();
        box.Run("create", "v").Ok();
        box.Run("rm", "v").Ok();
        var id = Sys.List(box.Store + "/deleted").Single();
        File.WriteAllText($"{box.Store}/deleted/{id}/volume.json", "{");
        Assert.Equal(1, box.Run("prune", "--deleted", "-y").Exit);
        box.Run("rm", "--deleted", id).Ok();
        Assert.Empty(Sys.List(box.Store + "/deleted"));
    }

    [Fact]
    public void On_a_full_disk_the_message_says_how_to_free_space()
    {
        using var box = Trash();
        box.Run("create", "v").Ok();
        Sys.Mkdir(box.Top + "/small");
        Sys.Mount("tmpfs", box.Top + "/small", "tmpfs", 0, "size=256k,nr_inodes=100000");
        box.Environment["KVOL_ROOT"] = box.Top + "/small/store";
        box.Run("create", "v").Ok();
        _ = box.Shell("cat /dev/zero >small/store/volumes/v/data/f");
        box.Run("rm", "v").Refused(73, "no room to keep it", "kvol rm --now v");
        Assert.Equal(["v"], box.Volumes);
        Assert.Contains("kvol rm --now", box.Run("doctor").Out);
        box.Run("rm", "--now", "v").Ok();
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Rename_set_and_detach_print_their_way_back()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=it's \"1\"").Ok();
        var renamed = box.Run("rename", "-v", "v", "w").Ok();
        box.Run("create", "v").Ok();
        Return(box, renamed).Refused(73, "v", "already exists");
        box.Run("rm", "v").Ok();
        Return(box, renamed).Ok();
        Return(box, box.Run("set", "-v", "v", "label.a=2", "label.b=3").Ok()).Ok();
        Assert.Equal("it's \"1\"", box.Inspect("v").GetProperty("labels").EnumerateObject().Single().Value.GetString());
        box.MakeDir("root/a b");
        box.Run("attach", "www", box.Root, "v:/a b:ro").Ok();
        Return(box, box.Run("detach", "-v", "www").Ok()).Ok();
        Assert.Equal([box.Root + "/a b"], box.Mounts.Select(m => m.Target));
        Assert.Equal(("", ""), Both(box.Run("detach", "www").Ok()));
        Assert.Equal("kvol: v: renamed to w\n", box.Run("rename", "v", "w").Ok().Err);
        Assert.Equal("", box.Run("rename", "-q", "-v", "w", "v").Ok().Err);
    }

    [Fact]
    public void A_store_that_the_command_named_is_in_the_way_back()
    {
        using var box = Trash();
        box.Run("create", "v", "--root", box.Top + "/it's here").Ok();
        var removed = box.Run("rm", "-v", "v", "--root", box.Top + "/it's here").Ok();
        Return(box, removed).Ok();
        Assert.Equal("v\n", box.Run("ls", "-q", "--root", box.Top + "/it's here").Ok().Out);
    }

    [Fact]
    public void The_way_back_of_detach_means_the_same_in_every_directory()
    {
        using var box = new Box();
        box.Shell("mkdir -p a/src b/src && echo right >a/src/f && echo wrong >b/src/f; cd a && \"$KVOL\" attach www \"$R\" ./src:/h").Ok();
        var detached = box.Shell("cd b && \"$KVOL\" detach -v www").Ok();
        box.Shell($"kvol() {{ \"$KVOL\" \"$@\"; }}; cd b; {Printed(detached)}").Ok();
        Assert.Equal("right\n", File.ReadAllText(box.Root + "/h/f"));
    }

    [Fact]
    public void Set_undelete_and_a_copying_adopt_bring_back_what_was_there_or_say_what_cannot_come_back()
    {
        using var box = Trash();
        box.Run("create", "v", "-l", "e=", "-l", "f=1").Ok();
        var set = box.Run("set", "-v", "v", "label.e=x", "label.f=2").Ok();
        Assert.Contains("kvol: v: label.e was an empty text", set.Err);
        Return(box, set).Ok();
        Assert.Equal("1", box.Inspect("v").GetProperty("labels").GetProperty("f").GetString());
        box.Run("rm", "v").Ok();
        var undeleted = box.Run("undelete", "-v", "v").Ok();
        Assert.Equal("kvol: v: to take it back: kvol rm --keep 604800 v\n", undeleted.Err);
        Return(box, undeleted).Ok();
        Assert.Equal(["v"], box.Run("ls", "--deleted", "-q").Ok().Lines);
        using var other = new Box("ext4");
        Return(box, box.Run("adopt", "-v", other.MakeDir("d"), "c").Ok()).Ok();
        Assert.Empty(box.Volumes);
        Assert.True(Sys.Exists(other.Top + "/d"));
    }

    [Fact]
    public void A_released_volume_comes_back_anonymous_and_with_its_policy()
    {
        using var box = new Box("xfs");
        var name = box.Run("create", "-l", "tier=x y").Ok().Out.Trim();
        box.Run("set", "-q", name, "snapshots=daily:7").Ok();
        Return(box, box.Run("release", "-v", name, "./out").Ok()).Ok();
        var volume = box.Inspect(name);
        Assert.True(volume.GetProperty("anonymous").GetBoolean());
        Assert.Equal("daily:7", volume.GetProperty("snapshots").GetString());
        Assert.Equal("x y", volume.GetProperty("labels").GetProperty("tier").GetString());
    }

    private static Box Trash(string type = "tmpfs", string time = "7d")
    {
        var box = new Box(type);
        File.WriteAllText(box.Config, $"trash = {time}\n");
        return box;
    }

    private static (string Out, string Err) Both(Result result) => (result.Out, result.Err);

    /// <summary>Types the command that a verb printed.</summary>
    private static Result Return(Box box, Result result) => box.Shell("kvol() { \"$KVOL\" \"$@\"; }; " + Printed(result));

    private static string Printed(Result result) => Assert.Single(
        result.Err.TrimEnd('\n').Split('\n').Where(l => Command().IsMatch(l)).Select(l => Command().Match(l).Groups[1].Value));

    private static void Edit(Box box, string name, string pattern, string with)
    {
        var id = box.Run("ls", "--deleted", "-H").Ok().Lines.Select(l => l.Split('\t')).Single(l => l[0] == name)[1];
        var file = $"{box.Store}/deleted/{id}/volume.json";
        var text = File.ReadAllText(file);
        var changed = Regex.Replace(text, pattern, with);
        Assert.NotEqual(text, changed);
        File.WriteAllText(file, changed);
    }

    [GeneratedRegex("^kvol: .*?: (kvol .*)$")]
    private static partial Regex Command();
}
