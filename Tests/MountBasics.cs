using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class MountBasics
{
    [Fact]
    public void A_volume_that_does_not_exist_is_created_by_mounting_it()
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        Sys.Write(box.Root + "/data/file", "x"u8.ToArray());
        Assert.True(Sys.Exists(box.Data("v") + "/file"));
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        Assert.False(Sys.Exists(box.Root + "/data"));
        Assert.True(Sys.Exists(box.Data("v") + "/file"));
    }

    [Fact]
    public void Nocreate_forbids_it()
    {
        using var box = new Box();
        var before = box.State();
        box.Mount("v:/data:nocreate").Refused(66, "v");
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("ro")]
    [InlineData("nosuid")]
    [InlineData("noexec")]
    [InlineData("noatime")]
    [InlineData("ro,nosuid,noexec,noatime")]
    public void Options_are_what_the_kernel_shows(string options)
    {
        using var box = new Box();
        if (Platform.IsFreeBSD && options.Contains("noatime"))
        {
            box.Mount("v:/data:" + options, "w:/plain").Refused(69, "noatime");
            Assert.Empty(box.Mounts);
            return;
        }

        box.Mount("v:/data:" + options, "w:/plain").Ok();
        Assert.All(options.Split(','), o => Assert.True(box.MountAt("/data").Has(o), o));
        Assert.All(options.Split(','), o => Assert.False(box.MountAt("/plain").Has(o), o));
    }

    [Fact]
    public void Nodev_is_an_option_of_Linux()
    {
        using var box = new Box();
        if (Platform.IsFreeBSD)
        {
            box.Mount("v:/data:nodev").Refused(69, "devfs");
            box.Mount("type=tmpfs,destination=/tmp,nodev").Refused(69, "devfs");
            return;
        }

        var src = box.MakeDir("src");
        string[] specs = ["v:/data:nodev", src + ":/src:nodev,ro", "type=tmpfs,destination=/tmp,nodev", "w:/w"];
        box.Mount(specs).Ok();
        Assert.All((string[])["/data", "/src", "/tmp"], d => Assert.True(box.MountAt(d).Has("nodev"), d));
        Assert.False(box.MountAt("/w").Has("nodev"));
        box.Mount(specs).Ok();
        Assert.Equal(4, box.Mounts.Count);
        box.Mount("v:/data").Refused(75, "already mounted there rw,nodev, not rw");
    }

    [Fact]
    public void Nocache_is_an_option_of_nullfs()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        if (!Platform.IsFreeBSD)
        {
            box.Mount("v:/data:nocache").Refused(69, "nullfs");
            Assert.Empty(Sys.List(box.Root));
            return;
        }

        box.Environment["STANDIN_CALLS"] = "1";
        Assert.Contains($"mount_nullfs -o nocache {src} {box.Root}/src", box.Mount("-n", src + ":/src:nocache").Ok().Lines);
        Assert.Contains("nocache for .", box.Mount(src + ":/src:nocache", "w:/w").Ok().Err, StringComparison.Ordinal);
        Assert.DoesNotContain("nocache for", box.Mount(src + ":/src:nocache", "w:/w").Ok().Err, StringComparison.Ordinal); // it is there
        box.Mount(src + ":/src").Refused(75, "with 'nocache'");
        box.Mount("w:/w:nocache").Refused(75, "without 'nocache'");
        Sys.Mkdir(box.Data("w") + "/sub");
        var staged = box.Mount("w:/sub:subpath=sub,nocache").Ok().Err;
        Assert.Equal(2, staged.Split("nocache for").Length - 1); // the mount in the run directory has a cache too
        var file = box.MakeFile("host.json", box.Run("dump").Ok().Out);
        Assert.Empty(box.Run("diff", file).Ok().Out);
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Read_only_is_read_only()
    {
        using var box = new Box();
        box.Mount("v:/data:ro").Ok();
        var error = Assert.Throws<IOException>(() => Sys.Write(box.Root + "/data/x", []));
        Assert.Contains("Read-only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_mount_again_is_success_and_nothing_done()
    {
        using var box = new Box();
        box.Mount("v:/data:ro").Ok();
        var id = box.MountAt("/data").Id;
        box.Mount("v:/data:ro").Ok();
        Assert.Equal(id, box.MountAt("/data").Id);
        var json = JsonDocument.Parse(box.Run("mount", "--json", box.Root, "v:/data:ro").Ok().Out).RootElement[0];
        Assert.True(json.GetProperty("already_mounted").GetBoolean());
        Assert.Equal(id, box.MountAt("/data").Id);
    }

    [Theory]
    [InlineData("w:/data")]
    [InlineData("v:/data:ro")]
    public void Another_source_or_other_options_there_is_75_and_nothing_is_stacked(string spec)
    {
        using var box = new Box();
        box.Mount("v:/data").Ok();
        box.Run("create", "w").Ok();
        var id = box.MountAt("/data").Id;
        box.Mount(spec).Refused(75, "/data");
        Assert.Equal(id, box.MountAt("/data").Id);
        Assert.False(box.MountAt("/data").Has("ro"));
    }

    [Fact]
    public void A_foreign_mount_at_the_destination_is_75_and_stays()
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/data");
        Sys.Mount("tmpfs", box.Root + "/data", "tmpfs", 0);
        var before = box.State();
        box.Mount("v:/data").Refused(75, "/data");
        Assert.Equal(before, box.State());
        box.Umount().Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void One_volume_mounts_into_several_roots_read_write_and_read_only()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Mount("v:/data").Ok();
        box.Run("mount", other, "v:/data:ro").Ok();
        Sys.Write(box.Root + "/data/x", []);
        Assert.True(Sys.Exists(other + "/data/x"));
        Assert.True(MountInfo.At(other + "/data")[0].Has("ro"));
        Assert.False(box.MountAt("/data").Has("ro"));
    }

    [Fact]
    public void Subpath_mounts_a_directory_inside_the_volume()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Dir("a"), new Dir("a/b"), new Text("a/b/here")).Build(box.Data("v"));
        box.Mount("v:/data:subpath=a/b").Ok();
        Assert.Equal(["here"], Sys.List(box.Root + "/data"));
    }

    [Fact]
    public void A_host_directory_and_a_host_file_are_mounted_with_missing_parents_made()
    {
        using var box = new Box();
        box.MakeDir("src");
        box.MakeFile("src/f", "host\n");
        box.Mount(box.Top + "/src:/x/y/dir", box.Top + "/src/f:/x/z/file:ro").Ok();
        Assert.Equal(["f"], Sys.List(box.Root + "/x/y/dir"));
        Assert.Equal("host\n", File.ReadAllText(box.Root + "/x/z/file"));
        Assert.True(box.MountAt("/x/z/file").Has("ro"));
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_relative_host_source_is_made_absolute()
    {
        using var box = new Box();
        box.MakeDir("src");
        box.MakeFile("src/f");
        box.Mount("./src:/d").Ok();
        Assert.Equal(["f"], Sys.List(box.Root + "/d"));
    }

    [Fact]
    public void A_colon_in_a_path_is_written_with_a_backslash()
    {
        using var box = new Box();
        box.MakeDir("a:b");
        box.MakeFile("a:b/f");
        box.Mount(box.Top + "/a\\:b:/c\\:d").Ok();
        Assert.Equal(["f"], Sys.List(box.Root + "/c:d"));
    }

    [Fact]
    public void The_long_form_is_taken_too()
    {
        using var box = new Box();
        box.MakeDir("src");
        box.Mount("type=volume,source=v,destination=/v,readonly", $"type=bind,source={box.Top}/src,destination=/b").Ok();
        Assert.True(box.MountAt("/v").Has("ro"));
        Assert.False(box.MountAt("/b").Has("ro"));
    }

    [Fact]
    public void A_type_mismatch_is_refused_either_way()
    {
        using var box = new Box();
        box.MakeDir("dir");
        box.MakeFile("file");
        new Tree(new Dir("d"), new Text("f")).Build(box.Root);
        var before = box.State();
        box.Mount(box.Top + "/dir:/f").RefusedAny(64, 73);
        box.Mount(box.Top + "/file:/d").RefusedAny(64, 73);
        box.Mount("v:/f").RefusedAny(64, 73);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_missing_source_is_66_and_create_source_makes_it()
    {
        using var box = new Box();
        var before = box.State();
        box.Mount(box.Top + "/absent:/d").Refused(66, "absent");
        Assert.Equal(before, box.State());
        box.Mount(box.Top + "/absent:/d:create-source").Ok();
        Assert.Equal(Kind.Directory, Sys.Stat(box.Top + "/absent").Kind);
    }

    [Fact]
    public void A_source_that_holds_the_destination_is_refused()
    {
        using var box = new Box();
        var before = box.State();
        box.Mount(box.Top + ":/d").Refused(64);
        box.Mount(box.Root + ":/d").Refused(64);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_source_inside_the_destination_is_refused()
    {
        using var box = new Box();
        new Tree(new Dir("d"), new Dir("d/src")).Build(box.Root);
        var before = box.State();
        box.Mount(box.Root + "/d/src:/d").Refused(64);
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("new\nline")]
    [InlineData("tab\tx")]
    [InlineData("back\\slash")]
    [InlineData("-rf")]
    [InlineData("*")]
    [InlineData("'q\"")]
    [InlineData("..x")]
    public void Any_name_can_be_a_destination(string name)
    {
        using var box = new Box();
        // A backslash stands for itself unless a colon follows.
        box.Mount("v:/" + name + "/sub").Ok();
        Assert.Equal([name], Sys.List(box.Root));
        Assert.Equal(box.Root + "/" + name + "/sub", box.Mounts.Single().Target);
        box.Mount("v:/" + name + "/sub").Ok();
        Assert.Single(box.Mounts);
        box.Umount().Ok();
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_destination_that_is_not_utf8_is_64_and_nothing_is_made()
    {
        using var box = new Box();
        var before = box.State();
        box.Shell("\"$KVOL\" mount \"$R\" $'v:/n\\xff\\xfe'").Refused(64, "not valid UTF-8");
        Assert.Equal(before, box.State());
    }
}
