using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A store is only what kvol made; a missing one is never answered with a fresh one.</summary>
public class Stores
{
    public static TheoryData<string> Damaged =>
        ["", "{", "null", "[]", "42", "{\"version\":1}", "{\"version\":\"x\",\"name\":\"v\"}", "\0\0\0\0", "not json at all"];

    [Fact]
    public void A_directory_that_is_not_kvols_is_refused()
    {
        using var box = new Box();
        Sys.Mkdir(box.Store);
        Sys.Write(box.Store + "/somebody-elses", []);
        box.Run("create", "v").RefusedAny(73, 78);
        box.Run("init").RefusedAny(73, 78);
        box.Mount("v:/data").RefusedAny(73, 78);
        box.Run("ls").RefusedAny(73, 78);
        Assert.Equal(["somebody-elses"], Sys.List(box.Store));
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void An_empty_directory_becomes_a_store_only_by_init_create_or_mount()
    {
        using var box = new Box();
        Sys.Mkdir(box.Store);
        box.Run("ls").Ok();
        Assert.Empty(Sys.List(box.Store));
        box.Run("init").Ok();
        Assert.True(Sys.Exists(box.Store + "/store.json"));
        box.Run("init").Ok();
    }

    [Fact]
    public void Only_the_last_component_is_made()
    {
        using var box = new Box();
        foreach (var arguments in (string[][])[["init"], ["create", "v"], ["mount", box.Root, "v:/data"]])
        {
            box.Run(["--root", box.Top + "/no/parent", .. arguments]).Refused(78, "no");
            Assert.False(Sys.Exists(box.Top + "/no"));
        }

        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_store_path_that_is_a_file_is_refused()
    {
        using var box = new Box();
        box.MakeFile("store");
        box.Run("create", "v").RefusedAny(73, 78);
        box.Run("ls").RefusedAny(73, 78);
    }

    [Fact]
    public void Volumes_is_roots_alone()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var s = Sys.Stat(box.Store + "/volumes");
        Assert.Equal((Convert.ToInt32("700", 8), 0u, 0u), (s.Mode, s.Uid, s.Gid));
    }

    [Theory]
    [InlineData("711")]
    [InlineData("755")]
    public void An_opened_up_volumes_directory_is_not_put_up_with(string mode)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Chmod(box.Store + "/volumes", Convert.ToInt32(mode, 8));
        Assert.Contains($"/volumes: was accessible to other users (mode {mode})", box.Run("create", "w").Ok().Err);
        Assert.Equal(Convert.ToInt32("700", 8), Sys.Stat(box.Store + "/volumes").Mode);
        Assert.Empty(box.Run("create", "x").Ok().Err);
    }

    [Fact]
    public void Future_metadata_is_65_and_untouched()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var text = "{\"version\": 99, \"name\": \"v\", \"shape\": \"round\"}";
        File.WriteAllText(box.Metadata("v"), text);
        Sys.Write(box.Data("v") + "/x", []);
        box.Run("inspect", "v").Refused(65, "v");
        box.Mount("v:/data").Refused(65, "v");
        box.Run("rm", "v").Refused(65, "v");
        Assert.Equal(text, File.ReadAllText(box.Metadata("v")));
        Assert.True(Sys.Exists(box.Data("v") + "/x"));
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Damaged_metadata_is_65_and_loses_nothing(string text)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "good").Ok();
        Sys.Write(box.Data("v") + "/x", []);
        File.WriteAllText(box.Metadata("v"), text);
        box.Run("inspect", "v").Refused(65, "v");
        var list = box.Run("ls", "-q");
        Assert.Contains("good", list.Lines);
        Assert.DoesNotContain("   at ", list.Err, StringComparison.Ordinal);
        Assert.Contains("v", box.Run("prune", "--all", "-y").Err, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(box.Metadata("v")));
        Assert.True(Sys.Exists(box.Data("v") + "/x"));
    }

    /// <summary>A link would be followed by who looks for its metadata first.</summary>
    [Fact]
    public void What_lies_among_the_volumes_and_is_no_directory_is_none()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var volumes = Path.GetDirectoryName(Path.GetDirectoryName(box.Data("v")))!;
        Sys.Write(volumes + "/file", []);
        Directory.CreateSymbolicLink(volumes + "/link", volumes + "/v");
        var listed = box.Run("ls", "-q");
        Assert.Equal((65, "v\n"), (listed.Exit, listed.Out));
        foreach (var name in (string[])["file", "link"])
        {
            Assert.Contains($"{name}: not a directory", listed.Err, StringComparison.Ordinal);
            Assert.Equal(65, box.Run("inspect", name).Exit);
            Assert.Equal(65, box.Mount($"{name}:/data").Exit);
            Assert.Equal(65, box.Run("create", name).Exit);
            Assert.Equal(65, box.Run("rm", name).Exit);
        }

        Assert.Equal(["file", "link", "v"], Sys.List(volumes));
        Assert.Equal(["data", "volume.json"], Sys.List(volumes + "/v"));
    }

    /// <summary>So many that each processor reads a part.</summary>
    [Fact]
    public void Two_thousand_volumes_are_listed_in_order_and_the_damaged_ones_told_of()
    {
        using var box = new Box();
        box.Run("create", "v0000").Ok();
        var first = Path.GetDirectoryName(box.Data("v0000"))!;
        for (var i = 1; i < 2000; i++)
        {
            var made = $"{Path.GetDirectoryName(first)}/v{i:d4}";
            Directory.CreateDirectory(made + "/data");
            File.Copy(first + "/volume.json", made + "/volume.json");
        }

        Sys.Write(box.Data("v1500") + "/x", []);
        File.Delete(Path.GetDirectoryName(box.Data("v0700")) + "/volume.json");
        Directory.Delete(box.Data("v1900"));
        var listed = box.Run("ls", "-H");
        var rows = listed.Out.TrimEnd('\n').Split('\n').Select(r => r.Split('\t')[..2]).ToArray();
        Assert.Equal(65, listed.Exit);
        Assert.Equal(Enumerable.Range(0, 2000).Where(i => i is not (700 or 1900)).Select(i => $"v{i:d4}"), rows.Select(r => r[0]));
        Assert.Equal(["v1500"], rows.Where(r => r[1] != "empty").Select(r => r[0]));
        Assert.Equal(2, listed.Err.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public void Damaged_store_json_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        File.WriteAllText(box.Store + "/store.json", "{");
        box.Run("ls").RefusedAny(65, 78);
        box.Run("create", "w").RefusedAny(65, 78);
        Assert.True(Sys.Exists(box.Data("v")));
    }

    [Fact]
    public void Foreign_files_among_the_volumes_are_left_alone()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Write(box.Store + "/volumes/README", "hello"u8.ToArray());
        Sys.Mkdir(box.Store + "/volumes/lost+found");
        Sys.Mkdir(box.Store + "/volumes/foreign");
        Sys.Write(box.Store + "/volumes/foreign/x", []);
        Assert.Contains("v", box.Run("ls", "-q").Lines);
        _ = box.Run("prune", "--all", "-y");
        Assert.True(Sys.Exists(box.Store + "/volumes/README"));
        Assert.True(Sys.Exists(box.Store + "/volumes/lost+found"));
        Assert.True(Sys.Exists(box.Store + "/volumes/foreign/x"));
    }

    [Fact]
    public void A_store_with_another_id_than_configured_is_78()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        File.WriteAllText(box.Config, $"root = {box.Store}\nstore_id = 0123456789abcdef\n");
        box.Environment.Remove("KVOL_ROOT");
        box.Run("ls").Refused(78);
        box.Run("create", "w").Refused(78);
        Assert.False(Sys.Exists(box.Data("w")));
    }

    [Fact]
    public void A_configured_store_that_is_gone_is_78_and_never_made_anew()
    {
        using var box = new Box();
        box.Environment.Remove("KVOL_ROOT");
        box.Run("init", "--default", box.Store).Ok();
        Assert.Contains("store_id", File.ReadAllText(box.Config), StringComparison.Ordinal);
        box.Run("create", "v").Ok();
        Tool.Run("rm", "-r", box.Store);
        Sys.Mkdir(box.Store);
        box.Mount("v:/data").Refused(78, "mounted?");
        box.Run("create", "v").Refused(78, "mounted?");
        box.Run("ls").Refused(78, "mounted?");
        Assert.Empty(Sys.List(box.Store));
    }

    [Fact]
    public void A_read_only_file_system_is_said_and_reading_still_works()
    {
        using var box = new Box();
        Sys.Mkdir(box.Top + "/fs");
        Sys.Mount("tmpfs", box.Top + "/fs", "tmpfs", 0);
        string[] at = ["--root", box.Top + "/fs/kvol"];
        box.Run([.. at, "create", "v"]).Ok();
        Sys.Mount("none", box.Top + "/fs", null, Sys.Remount | Sys.ReadOnly);
        Assert.Equal(["v"], box.Run([.. at, "ls", "-q"]).Ok().Lines);
        box.Run([.. at, "create", "w"]).RefusedAny(71, 73, 77, 78);
        box.Run([.. at, "rm", "v"]).RefusedAny(71, 73, 77, 78);
        box.Run([.. at, "mount", box.Root, "w:/data"]).RefusedAny(71, 73, 77, 78);
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Missing_metadata_with_data_there_loses_nothing()
    {
        using var box = new Box();
        new Tree(new Dir("data"), new Text("data/image")).Build(box.Root);
        box.Run("create", "v").Ok();
        Sys.Write(box.Data("v") + "/x", []);
        File.Delete(box.Metadata("v"));
        _ = box.Mount("v:/data");
        Assert.Equal(["x"], Sys.List(box.Data("v")));
    }
}
