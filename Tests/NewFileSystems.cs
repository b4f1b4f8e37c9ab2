using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>File systems without a source: tmpfs, and on FreeBSD fdescfs, linprocfs and linsysfs.</summary>
public partial class NewFileSystems
{
    private const string Tmp = "type=tmpfs,destination=/tmp";

    [Fact]
    public void One_attach_is_the_whole_fstab_of_a_jail_outermost_first()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        box.Run("attach", "www", box.Root, "v:/var/db", src + ":/var/run/src:ro", "type=tmpfs,destination=/var,size=1m,mode=0750,owner=5:6",
            "type=tmpfs,dst=/var/db/tmp,tmpfs-size=64k,tmpfs-mode=1777,nosuid,noexec").Ok();
        Assert.Equal(4, box.Mounts.Count);
        Assert.Equal("tmpfs", box.MountAt("/var").Type);
        Assert.True(box.MountAt("/var/db/tmp").Has("nosuid") && box.MountAt("/var/db/tmp").Has("noexec"));
        Assert.Equal((0b111_101_000u, 5u, 6u), ModeAndOwner(box.Root + "/var"));
        Assert.Equal((0b1_111_111_111u, 0u, 0u), ModeAndOwner(box.Root + "/var/db/tmp"));
        Sys.Write(box.Root + "/var/db/tmp/in", new byte[4096]);
        Assert.Throws<IOException>(() => Sys.Write(box.Root + "/var/db/tmp/in", new byte[128 << 10]));
        Sys.Write(box.Root + "/var/kept-nowhere", []);
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Empty(Sys.List(box.Data("v")));
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
    }

    [Fact]
    public void It_has_owner_and_mode_of_the_directory_that_it_covers_and_hides_what_is_there()
    {
        using var box = new Box();
        new Tree(new Dir("tmp"), new Text("tmp/file")).Build(box.Root);
        Sys.Chmod(box.Root + "/tmp", 0b1_111_111_111);
        Sys.Chown(box.Root + "/tmp", 7, 8);
        box.Mount(Tmp, "type=tmpfs,destination=/new").Ok();
        Assert.Equal((0b1_111_111_111u, 7u, 8u), ModeAndOwner(box.Root + "/tmp"));
        Assert.Equal((0b111_101_101u, 0u, 0u), ModeAndOwner(box.Root + "/new"));
        Assert.Empty(Sys.List(box.Root + "/tmp"));
        box.Umount("/tmp").Ok();
        Assert.Equal(["file"], Sys.List(box.Root + "/tmp"));
        box.Umount("/tmp").Ok(); // done already
        box.Umount().Ok();
        Assert.False(Sys.Exists(box.Root + "/new"));
    }

    [Fact]
    public void The_same_again_is_done_already_and_other_options_are_refused()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, Tmp + ",size=1m").Ok();
        Sys.Write(box.Root + "/tmp/file", []);
        var json = JsonDocument.Parse(box.Run("attach", "--json", "www", box.Root, Tmp + ",size=1024K").Ok().Out).RootElement[0];
        Assert.True(json.GetProperty("already_mounted").GetBoolean());
        box.Mount(Tmp + ",size=2m").Refused(75, "size=1M", "for jail www", "kvol umount");
        box.Mount(Tmp + ",size=1m,ro").Refused(75, "/tmp");
        box.Mount("v:/tmp").Refused(75, "tmpfs", "kvol umount");
        Assert.Single(box.Mounts);
        Assert.True(Sys.Exists(box.Root + "/tmp/file"));
    }

    [Fact]
    public void One_that_kvol_did_not_make_is_left_alone()
    {
        using var box = new Box();
        box.MakeDir("root/tmp");
        Sys.Mount("tmpfs", box.Root + "/tmp", "tmpfs", 0);
        box.Mount(Tmp + ",size=1m").Refused(75, "umount " + box.Root + "/tmp");
        box.Run("attach", "www", box.Root, Tmp).Ok(); // it is what was asked for
        box.Run("detach", "www", box.Root).Ok();
        box.Umount("/tmp").Refused(75, "not mounted by kvol");
        box.Umount().Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void One_in_the_place_of_an_earlier_one_is_foreign()
    {
        using var box = new Box();
        box.MakeDir("root/tmp");
        box.Run("attach", "www", box.Root, Tmp).Ok();
        var first = box.MountAt("/tmp");
        Sys.Unmount(box.Root + "/tmp");
        Sys.Mount("tmpfs", box.Root + "/tmp", "tmpfs", 0);
        Sys.Write(box.Root + "/tmp/precious", []);
        Assert.True(Platform.IsFreeBSD || first.Id == box.MountAt("/tmp").Id, "the kernel gave it another id");
        box.Run("gc").Ok();
        box.Run("detach", "www", box.Root).Ok();
        box.Umount().Ok();
        Assert.True(Sys.Exists(box.Root + "/tmp/precious"));
    }

    [Fact]
    public void What_was_mounted_before_a_failure_is_undone()
    {
        using var box = new Box();
        var before = box.State();
        box.Run("attach", "www", box.Root, Tmp, "v:/tmp/in", "type=tmpfs,destination=/a/b", box.Top + "/absent:/z/z/z/z").Refused(66);
        Assert.Equal(before, box.State());
        Assert.Empty(Sys.List(box.Top + "/run/roots"));
    }

    [Fact]
    public void A_mount_that_would_hide_another_one_is_refused()
    {
        using var box = new Box();
        box.Mount("v:/srv/a").Ok();
        box.Mount("type=tmpfs,destination=/srv").Refused(75, "would hide v");
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_link_of_the_jail_leads_to_no_place_outside()
    {
        using var box = new Box();
        box.MakeDir("outside");
        Sys.Symlink(box.Top + "/outside", box.Root + "/link");
        Sys.Symlink("../../../..", box.Root + "/up");
        new Tree(new Text("file")).Build(box.Root);
        box.Mount("type=tmpfs,destination=/link").Ok();
        Assert.Equal([box.Root + box.Top + "/outside"], box.Mounts.Select(m => m.Target));
        Assert.Empty(MountInfo.Below(box.Top + "/outside"));
        box.Umount("/link").Ok();
        Assert.Empty(box.Mounts);
        box.Mount("type=tmpfs,destination=/up").Refused(64, "root directory itself");
        box.Mount("type=tmpfs,destination=/file").Refused(73, "is not a directory");
        box.Mount("type=tmpfs,destination=/").Refused(64);
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("size=0", "above 0")]
    [InlineData("size=-1", "size -1")]
    [InlineData("size=none", "above 0")]
    [InlineData("size=", "size")]
    [InlineData("size", "size")]
    [InlineData("size=12E", "at most 4E")]
    [InlineData("size=99999999999999999999999", "size")]
    [InlineData("size=50%", "size")]
    [InlineData("size=1m,size=1m", "twice")]
    [InlineData("mode=17777", "octal")]
    [InlineData("mode=rwx", "octal")]
    [InlineData("owner=www", "UID")]
    [InlineData("owner=1:2:3", "UID")]
    [InlineData("source=v", "has no source")]
    [InlineData("nocopy", "volumes only")]
    [InlineData("subpath=a", "volumes only")]
    [InlineData("recursive", "volumes and host mounts only")]
    [InlineData("create-source", "host mounts only")]
    [InlineData("linrdlnk", "fdescfs only")]
    public void Wrong_options_are_64(string options, string reason)
    {
        using var box = new Box();
        box.Mount($"{Tmp},{options}").Refused(64, reason);
        Assert.Empty(Sys.List(box.Root));
    }

    [Theory]
    [InlineData("v:/d:size=1m", "type=tmpfs,destination=/tmp,size=64m")]
    [InlineData("tmpfs:/d:mode=1777", "type=tmpfs,destination=/tmp,size=64m")]
    [InlineData("tmpfs:/d:linrdlnk", "type=fdescfs")]
    public void The_short_form_says_how_it_is_written(string spec, string reason)
    {
        using var box = new Box();
        box.Mount(spec).Refused(64, reason);
    }

    [Fact]
    public void Every_bit_of_a_mode_and_the_largest_size_are_taken()
    {
        using var box = new Box();
        box.Mount(Tmp + ",mode=07777,size=4E,owner=4294967294", "type=tmpfs,destination=/min,size=1,mode=0").Ok();
        Assert.Equal((0b111_111_111_111u, 4294967294u, 0u), ModeAndOwner(box.Root + "/tmp"));
        Assert.Equal(0u, ModeAndOwner(box.Root + "/min").Mode);
        box.Umount().Ok();
    }

    [Fact]
    public void A_volume_may_be_called_tmpfs()
    {
        using var box = new Box();
        box.Mount("tmpfs:/t", "type=volume,source=tmpfs,destination=/u").Ok();
        Assert.Equal(["tmpfs"], box.Volumes);
        var all = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement;
        Assert.All(all.EnumerateArray(), m => Assert.Equal("volume", m.GetProperty("type").GetString()));
    }

    [Fact]
    public void It_is_listed_dumped_and_declared()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, Tmp + ",size=64m,ro,owner=1:2", "v:/v").Ok();
        var all = box.Run("mounts", "--json").Ok().Out;
        Assert.Empty(JsonSchema.Read("mounts").Errors(all));
        var mount = JsonDocument.Parse(all).RootElement.EnumerateArray().Single(m => m.GetProperty("type").GetString() == "tmpfs");
        Assert.Equal(("tmpfs", "/tmp", "www", true), (mount.GetProperty("source").GetString(), mount.GetProperty("destination").GetString(),
            mount.GetProperty("jail").GetString(), mount.GetProperty("read_only").GetBoolean()));
        var dump = box.Run("dump").Ok().Out;
        Assert.Empty(JsonSchema.Read("apply").Errors(dump));
        var file = box.MakeFile("host.json", dump);
        Assert.Empty(box.Run("diff", file).Ok().Out);
        var other = box.MakeFile("other.json", dump.Replace("size=64M", "size=32M"));
        var diff = box.Run("diff", "--json", other);
        Assert.Equal(2, diff.Exit);
        Assert.Empty(JsonSchema.Read("steps").Errors(diff.Out));
        Assert.Contains("tmpfs is mounted there", diff.Out, StringComparison.Ordinal);
        box.Run("detach", "www", box.Root).Ok();
        box.Run("apply", file).Ok();
        Assert.True(box.MountAt("/tmp").Has("ro"));
        Assert.Empty(box.Run("diff", file).Ok().Out);
        var less = $"{{\"version\": 1, \"roots\": [{{\"rootdir\": \"{box.Root}\", \"jail\": \"www\", \"mounts\": [\"v:/v\"]}}]}}";
        box.Run("apply", "--prune", box.MakeFile("less.json", less)).Ok();
        Assert.Equal([box.Root + "/v"], box.Mounts.Select(m => m.Target));
    }

    [Fact]
    public void A_dry_run_names_the_equal_commands_and_changes_nothing()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var before = box.State();
        var steps = box.Mount("-n", "v:/tmp/in", Tmp + ",size=1m,mode=1777,nosuid").Ok().Lines;
        Assert.Contains($"mount -t tmpfs -o nosuid,size=1048576,mode=1777,uid=0,gid=0 tmpfs {box.Root}/tmp", steps);
        Assert.Contains($"mkdir -p {box.Root}/tmp/in", steps);
        Assert.Equal(before, box.State());
        box.Mount("v:/tmp/in", Tmp).Ok();
        Assert.Contains("umount " + box.Root + "/tmp", box.Umount("-n").Ok().Lines);
        Assert.Equal(2, box.Mounts.Count);
    }

    [Fact]
    public void Access_times_are_left_out_on_Linux_alone()
    {
        using var box = new Box();
        if (Platform.IsFreeBSD)
        {
            box.Mount(Tmp + ",noatime").Refused(69, "noatime");
            return;
        }

        box.Mount(Tmp + ",noatime").Ok();
        Assert.True(box.MountAt("/tmp").Has("noatime"));
    }

    [Fact]
    [Trait("System", "FreeBSD")]
    public void A_kernel_that_does_not_know_nocover_mounts_it_too()
    {
        using var box = new Box();
        box.Environment["STANDIN_BEFORE_13"] = "1";
        box.Mount(Tmp + ",size=1m").Ok();
        Assert.Equal("tmpfs", box.MountAt("/tmp").Type);
        box.Umount().Ok();
    }

    [Fact]
    [Trait("System", "FreeBSD")]
    public void A_type_that_the_kernel_does_not_have_is_69_and_nothing_is_mounted()
    {
        using var box = new Box();
        box.Environment["STANDIN_WITHOUT"] = "linprocfs";
        box.Mount(Tmp, "type=linprocfs,destination=/proc").Refused(69, "/proc", "cannot mount a linprocfs there", "kldload(8)");
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    private static (uint Mode, uint Uid, uint Gid) ModeAndOwner(string path)
    {
        var status = Sys.Stat(path);
        return ((uint)status.Mode & 0b111_111_111_111, status.Uid, status.Gid);
    }
}
