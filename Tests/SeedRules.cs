using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>When a volume is seeded, and when it must not be.</summary>
public class SeedRules
{
    [Fact]
    public void Dotfiles_alone_are_content()
    {
        using var box = With(new Text("data/.profile"));
        box.Mount("v:/data").Ok();
        Assert.Equal([".profile"], Sys.List(box.Data("v")));
    }

    [Fact]
    public void A_volume_with_only_a_dotfile_is_not_empty()
    {
        using var box = With(new Text("data/image"));
        box.Run("create", "v").Ok();
        Sys.Write(box.Data("v") + "/.mine", []);
        box.Mount("v:/data").Ok();
        Assert.Equal([".mine"], Sys.List(box.Root + "/data"));
    }

    [Fact]
    public void An_empty_destination_gives_owner_and_mode_to_a_new_volume()
    {
        using var box = With(new Owner("data", 33, 44), new Mode("data", Convert.ToInt32("1770", 8)));
        box.Mount("v:/data").Ok();
        Assert.Equal((33u, 44u, Convert.ToInt32("1770", 8)), Who(box.Root + "/data"));
        Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
    }

    [Fact]
    public void A_volume_made_before_keeps_its_owner_and_mode_over_an_empty_destination()
    {
        using var box = With(new Owner("data", 33, 44));
        box.Run("create", "v", "--owner", "7:8", "--mode", "700").Ok();
        box.Mount("v:/data").Ok();
        Assert.Equal((7u, 8u, Convert.ToInt32("700", 8)), Who(box.Root + "/data"));
    }

    [Theory]
    [InlineData("", 33u, 44u, "1770")]
    [InlineData("--owner 0:0", 0u, 0u, "1770")]
    [InlineData("--mode 755", 33u, 44u, "755")]
    public void The_first_mount_of_a_volume_made_before_takes_what_was_not_chosen_from_an_empty_directory(string options, uint uid,
        uint gid, string mode)
    {
        using var box = With(new Owner("data", 33, 44), new Mode("data", Convert.ToInt32("1770", 8)));
        box.Run(["create", "v", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Ok();
        box.Mount("v:/data").Ok();
        Assert.Equal((uid, gid, Convert.ToInt32(mode, 8)), Who(box.Root + "/data"));
        box.Umount().Ok();
        Sys.Chown(box.Data("v"), 0, 0);
        Sys.Chmod(box.Data("v"), Convert.ToInt32("755", 8));
        box.Mount("v:/data").Ok();
        Assert.Equal((0u, 0u, Convert.ToInt32("755", 8)), Who(box.Root + "/data"));
    }

    [Fact]
    public void Owner_and_mode_that_an_administrator_set_stay()
    {
        using var box = With(new Owner("data", 33, 44));
        box.Run("create", "v").Ok();
        Sys.Chown(box.Data("v"), 7, 8);
        Sys.Chmod(box.Data("v"), Convert.ToInt32("711", 8));
        box.Mount("v:/data").Ok();
        Assert.Equal((7u, 8u, Convert.ToInt32("711", 8)), Who(box.Root + "/data"));
    }

    [Fact]
    public void A_first_mount_over_nothing_leaves_owner_and_mode_to_the_next_unless_something_was_written()
    {
        using var box = With(new Owner("data", 33, 44), new Mode("data", Convert.ToInt32("1770", 8)));
        var bare = box.MakeDir("bare");
        box.Run("mount", bare, "v:/data:ro", "w:/other").Ok();
        Sys.Write(bare + "/other/x", []);
        System.IO.File.Delete(bare + "/other/x");
        box.Run("umount", bare).Ok();
        box.Mount("v:/data", "w:/data2").Ok();
        Assert.Equal((33u, 44u, Convert.ToInt32("1770", 8)), Who(box.Root + "/data"));
        box.Umount().Ok();
        box.Mount("w:/data").Ok();
        Assert.Equal((0u, 0u, Convert.ToInt32("755", 8)), Who(box.Root + "/data"));
    }

    [Fact]
    public void Nothing_is_applied_again_later()
    {
        using var box = With(new Owner("data", 33, 44), new Text("data/x"));
        box.Mount("v:/data").Ok();
        box.Umount().Ok();
        Sys.Chown(box.Data("v"), 99, 99);
        Sys.Chmod(box.Data("v"), Convert.ToInt32("711", 8));
        box.Mount("v:/data").Ok();
        Assert.Equal((99u, 99u, Convert.ToInt32("711", 8)), Who(box.Root + "/data"));
    }

    [Fact]
    public void A_volume_first_mounted_over_nothing_is_seeded_later()
    {
        using var box = With(new Text("data/x"));
        var bare = box.MakeDir("bare");
        box.Run("mount", bare, "v:/data").Ok();
        box.Run("umount", bare).Ok();
        box.Mount("v:/data").Ok();
        Assert.Equal(["x"], Sys.List(box.Root + "/data"));
    }

    [Fact]
    public void A_volume_that_holds_anything_is_never_overwritten()
    {
        using var box = With(new Text("data/conf", "image"), new Text("data/more"));
        box.Mount("v:/data").Ok();
        File.WriteAllText(box.Root + "/data/conf", "mine");
        File.Delete(box.Root + "/data/more");
        var before = Manifest.Of(box.Data("v"));
        box.Umount().Ok();
        box.Mount("v:/data").Ok();
        before.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Fact]
    public void Nocopy_leaves_it_empty()
    {
        using var box = With(new Text("data/x"));
        var json = JsonDocument.Parse(box.Run("mount", "--json", box.Root, "v:/data:nocopy").Ok().Out).RootElement[0];
        Assert.Empty(Sys.List(box.Root + "/data"));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("seeded").ValueKind);
        Assert.True(json.GetProperty("volume_created").GetBoolean());
    }

    [Fact]
    public void Host_mounts_are_never_seeded()
    {
        using var box = With(new Text("data/x"));
        var src = box.MakeDir("src");
        box.Mount(src + ":/data").Ok();
        Assert.Empty(Sys.List(src));
    }

    [Fact]
    public void An_empty_volume_that_can_be_written_to_elsewhere_covers_no_content()
    {
        using var box = With(new Text("data/x"));
        var other = box.MakeDir("other");
        box.Run("mount", other, "v:/data").Ok();
        var before = box.State();
        box.Mount("v:/data").Refused(75, other + "/data", "nocopy");
        Assert.Equal(before, box.State());
        box.Mount("v:/data:nocopy").Ok();
        Assert.Empty(Sys.List(box.Root + "/data"));
    }

    [Fact]
    public void A_new_volume_that_one_command_mounts_twice_is_seeded_before_its_first_mount()
    {
        using var box = With(new Dir("a"), new Dir("b"), new Text("b/x"));
        var json = JsonDocument.Parse(box.Mount("--json", "v:/a", "v:/b:ro").Ok().Out).RootElement;
        Assert.Equal(["x"], Sys.List(box.Root + "/a"));
        Assert.Equal(["x"], Sys.List(box.Root + "/b"));
        Assert.Equal(JsonValueKind.Null, json[0].GetProperty("seeded").ValueKind);
        Assert.Equal(1, json[1].GetProperty("seeded").GetProperty("files").GetInt64());
    }

    [Fact]
    public void A_volume_that_can_be_written_to_in_another_mount_namespace_covers_no_content()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, Platform.OneMountTable);
        using var box = With(new Text("data/x"));
        box.Run("create", "v").Ok();
        var elsewhere = box.MakeDir("elsewhere");
        using var holder = Holder.Start(box.Data("v"), elsewhere);
        box.Mount("v:/data").Refused(75, "nocopy");
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_mount_point_inside_the_source_is_not_descended_into_and_is_named()
    {
        using var box = With(new Text("data/x"), new Dir("data/proc"), new Dir("data/same"));
        Sys.Mount("tmpfs", box.Root + "/data/proc", "tmpfs", 0);
        Sys.Write(box.Root + "/data/proc/inside", []);
        // A bind of the same file system has the same device number.
        new Tree(new Text("inside")).Build(box.Top + "/bound");
        Sys.BindMount(box.Top + "/bound", box.Root + "/data/same");
        var result = box.Mount("v:/data");
        Assert.Equal(0, result.Exit);
        Assert.Equal(["proc", "same", "x"], Sys.List(box.Data("v")));
        Assert.Empty(Sys.List(box.Data("v") + "/proc"));
        Assert.Empty(Sys.List(box.Data("v") + "/same"));
        Assert.Contains("proc", result.Err, StringComparison.Ordinal);
        Assert.Contains("same", result.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void Mount_json_tells_what_was_seeded()
    {
        using var box = With(new Text("data/a", "12345"), new Text("data/b", "123"));
        var json = JsonDocument.Parse(box.Run("mount", "--json", box.Root, "v:/data:ro").Ok().Out).RootElement[0];
        Assert.Equal(8, json.GetProperty("seeded").GetProperty("bytes").GetInt64());
        Assert.True(json.GetProperty("read_only").GetBoolean());
        Assert.False(json.GetProperty("already_mounted").GetBoolean());
        Assert.Equal("/data", json.GetProperty("destination").GetString());
        Assert.Equal(box.Root + "/data", json.GetProperty("path").GetString());
        Assert.Equal("v", json.GetProperty("source").GetString());
        Assert.Equal("volume", json.GetProperty("type").GetString());
    }

    [Fact]
    public void Seed_fills_an_empty_volume_and_refuses_a_full_one()
    {
        using var box = With(new Text("data/a"), new Owner("data", 3, 4));
        box.Run("seed", "v", box.Root + "/data").Refused(66);
        box.Run("create", "v").Ok();
        var original = Manifest.Of(box.Root + "/data");
        box.Run("seed", "v", box.Root + "/data").Ok();
        original.MustEqual(Manifest.Of(box.Data("v")));
        box.Run("seed", "v", box.Root + "/data").Refused(73, "v");
        box.Run("seed", "v", box.Root + "/absent").RefusedAny(66, 73);
        original.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Fact]
    public void Seed_refuses_a_mounted_volume()
    {
        using var box = With(new Text("data/a"));
        box.Mount("v:/other").Ok();
        box.Run("seed", "v", box.Root + "/data").Refused(75, "v");
        Assert.Empty(Sys.List(box.Data("v")));
    }

    [Fact]
    public void Inode_flags_are_kept_or_reported()
    {
        using var box = new Box("ext4");
        new Tree(new Dir("data"), new Text("data/f"), new Dir("data/d"), new Text("data/d/x")).Build(box.Root);
        Tool.Run("chattr", "+i", box.Root + "/data/f");
        Tool.Run("chattr", "+a", box.Root + "/data/d");
        box.Mount("v:/data").Ok();
        Assert.Equal("i", Flags(box.Data("v") + "/f"));
        Assert.Equal("a", Flags(box.Data("v") + "/d"));
    }

    private static string Flags(string path) =>
        string.Concat(Tool.Run("lsattr", "-d", path).Split(' ')[0].Where(c => c is 'i' or 'a'));

    private static (uint, uint, int) Who(string path)
    {
        var s = Sys.Stat(path);
        return (s.Uid, s.Gid, s.Mode);
    }

    private static Box With(params Step[] steps)
    {
        var box = new Box();
        new Tree([new Dir("data"), .. steps]).Build(box.Root);
        return box;
    }
}
