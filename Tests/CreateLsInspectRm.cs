using System;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class CreateLsInspectRm
{
    [Fact]
    public void Create_prints_the_name_alone_and_makes_an_empty_volume()
    {
        using var box = new Box();
        Assert.Equal("v\n", box.Run("create", "v").Ok().Out);
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
    }

    [Fact]
    public void Create_of_an_existing_name_changes_nothing_and_succeeds()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=1").Ok();
        Sys.Write(box.Data("v") + "/kept", "x"u8.ToArray());
        var before = Manifest.Of(box.Store + "/volumes/v");
        box.Run("create", "v", "-l", "a=2", "--mode", "700").Ok();
        before.MustEqual(Manifest.Of(box.Store + "/volumes/v"));
    }

    [Fact]
    public void Create_without_a_name_prints_twelve_hex_digits()
    {
        using var box = new Box();
        var name = box.Run("create").Ok().Out.Trim();
        Assert.Matches("^[0-9a-f]{12}$", name);
        Assert.True(box.Inspect(name).GetProperty("anonymous").GetBoolean());
        box.Run("create", "aaaaaaaaaaaa").Ok();
        // Recorded, never guessed from the shape of the name.
        Assert.False(box.Inspect("aaaaaaaaaaaa").GetProperty("anonymous").GetBoolean());
    }

    [Fact]
    public void Create_applies_owner_and_mode()
    {
        using var box = new Box();
        box.Run("create", "--owner", "33:44", "--mode", "1770", "v").Ok();
        var s = Sys.Stat(box.Data("v"));
        Assert.Equal((33u, 44u, Convert.ToInt32("1770", 8)), (s.Uid, s.Gid, s.Mode));
    }

    [Fact]
    public void Ls_of_no_store_makes_no_store()
    {
        using var box = new Box();
        Assert.Empty(box.Run("ls", "-q").Ok().Lines);
        box.Run("inspect", "v").Refused(66);
        box.Run("rm", "v").Refused(66);
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void Ls_has_a_header_and_scripted_output_has_none()
    {
        using var box = new Box();
        box.Run("create", "b").Ok();
        box.Run("create", "a").Ok();
        Assert.Equal(3, box.Run("ls").Ok().Lines.Length);
        Assert.Equal(3, box.Run("list").Ok().Lines.Length);
        var scripted = box.Run("ls", "-H").Ok().Lines;
        Assert.Equal(2, scripted.Length);
        Assert.All(scripted, l => Assert.Contains('\t', l));
        Assert.Equal(["a", "b"], box.Run("ls", "-q", "--sort", "name").Ok().Lines);
    }

    [Fact]
    public void Ls_json_is_an_array_with_every_volume()
    {
        using var box = new Box();
        Assert.Equal(0, JsonDocument.Parse(box.Run("ls", "--json").Ok().Out).RootElement.GetArrayLength());
        box.Run("create", "a").Ok();
        box.Run("create", "b").Ok();
        var all = JsonDocument.Parse(box.Run("ls", "--json").Ok().Out).RootElement;
        Assert.Equal(["a", "b"], all.EnumerateArray().Select(v => v.GetProperty("name").GetString()).Order());
    }

    [Fact]
    public void Ls_filters_by_label()
    {
        using var box = new Box();
        box.Run("create", "a", "-l", "app=web", "-l", "tier=1").Ok();
        box.Run("create", "b", "-l", "app=db").Ok();
        Assert.Equal(["a"], box.Run("ls", "-q", "--filter", "label=app=web").Ok().Lines);
        Assert.Equal(["a", "b"], box.Run("ls", "-q", "--filter", "label=app").Ok().Lines.Order());
        Assert.Empty(box.Run("ls", "-q", "--filter", "label=app=web", "--filter", "label=tier=2").Ok().Lines);
    }

    [Fact]
    public void Inspect_has_every_key_of_the_contract()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "k=v=w").Ok();
        Sys.Mkdir(box.Root + "/data");
        box.Mount("v:/data:ro").Ok();
        var v = box.Inspect("v");
        foreach (var key in (string[])["name", "driver", "dataset", "mountpoint", "created", "anonymous", "labels", "state", "seed",
            "quota", "used", "mountpoints"])
        {
            Assert.True(v.TryGetProperty(key, out _), key);
        }

        Assert.Equal("v=w", v.GetProperty("labels").GetProperty("k").GetString());
        Assert.Equal(box.Data("v"), v.GetProperty("mountpoint").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", v.GetProperty("created").GetString());
        var m = v.GetProperty("mountpoints")[0];
        foreach (var key in (string[])["type", "source", "destination", "path", "jail", "read_only"])
        {
            Assert.True(m.TryGetProperty(key, out _), key);
        }

        Assert.Equal(box.Root + "/data", m.GetProperty("path").GetString());
        Assert.True(m.GetProperty("read_only").GetBoolean());
    }

    [Fact]
    public void Inspect_of_several_reports_what_is_there_and_fails_for_what_is_not()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        var result = box.Run("inspect", "a", "absent");
        result.Refused(1, "absent");
        Assert.Equal(1, JsonDocument.Parse(result.Out).RootElement.GetArrayLength());
        box.Run("inspect", "absent").Refused(66, "absent");
    }

    [Fact]
    public void Inspect_tells_what_was_seeded()
    {
        using var box = new Box();
        new Tree(new Dir("data"), new Text("data/a", "12345"), new Dir("data/d"), new Text("data/d/b", "123")).Build(box.Root);
        box.Mount("v:/data").Ok();
        var v = box.Inspect("v");
        Assert.Equal("ready", v.GetProperty("state").GetString());
        Assert.Equal(8, v.GetProperty("seed").GetProperty("bytes").GetInt64());
        foreach (var key in (string[])["source", "at", "files", "not_kept"])
        {
            Assert.True(v.GetProperty("seed").TryGetProperty(key, out _), key);
        }
    }

    [Fact]
    public void Rm_prints_each_name_and_goes_on_after_a_failure()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        box.Run("create", "b").Ok();
        var result = box.Run("rm", "a", "absent", "b").Refused(1, "absent");
        Assert.Equal("a\nb\n", result.Out);
        Assert.Empty(box.Volumes);
        Assert.False(Sys.Exists(box.Store + "/volumes/a"));
    }

    [Fact]
    public void A_name_used_again_after_rm_is_a_new_empty_volume()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "old=1").Ok();
        Sys.Write(box.Data("v") + "/old", "x"u8.ToArray());
        box.Run("rm", "v").Ok();
        box.Run("create", "v").Ok();
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Empty(box.Inspect("v").GetProperty("labels").EnumerateObject());
    }

    [Fact]
    public void Rm_deletes_any_tree_and_only_that()
    {
        using var box = new Box();
        var outside = box.MakeDir("outside");
        box.MakeFile("outside/kept");
        box.Run("create", "v").Ok();
        new Tree([.. Names.Nasty.Select(n => new Text(n)), new Link("out", outside), new Dir("locked", 0),
            new Special("null", Kind.CharDevice, 0x1b6, 1, 3)]).Build(box.Data("v"));
        Tree.BuildDeep(box.Data("v"), 3000);
        box.Run("rm", "v").Ok();
        Assert.True(Sys.Exists(outside + "/kept"));
        Assert.Empty(box.Volumes);
        Assert.DoesNotContain("v", Sys.List(box.Store + "/volumes"));
    }
}
