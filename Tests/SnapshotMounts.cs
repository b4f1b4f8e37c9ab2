using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Snapshots of a directory store that are mounted in a root directory.</summary>
[Trait("System", "Linux")]
public class SnapshotMounts
{
    /// <summary>A volume v with the text "old" in its snapshots v@one and v@two, and "new" in itself.</summary>
    private static Box Filled(string type = "xfs")
    {
        var box = new Box(type);
        box.Run("create", "v").Ok();
        File.WriteAllText(box.Data("v") + "/f", "old");
        Sys.Mkdir(box.Data("v") + "/sub");
        File.WriteAllText(box.Data("v") + "/sub/g", "inner");
        box.Run("snapshot", "v@one").Ok();
        box.Run("snapshot", "v@two").Ok();
        File.WriteAllText(box.Data("v") + "/f", "new");
        return box;
    }

    [Theory]
    [InlineData("xfs", "v@one:/old")]
    [InlineData("btrfs", "type=volume,source=v@one,target=/old")]
    public void It_is_read_only_beside_the_volume_and_goes_with_the_jail(string type, string spec)
    {
        using var box = Filled(type);
        box.Run("attach", "www", box.Root, "v:/now", spec).Ok();
        Assert.Equal(("new", "old"), (File.ReadAllText(box.Root + "/now/f"), File.ReadAllText(box.Root + "/old/f")));
        Assert.True(box.MountAt("/old").Has("ro") && box.MountAt("/now").Has("rw"));
        Assert.Throws<IOException>(() => File.WriteAllText(box.Root + "/old/f", "x"));
        var again = JsonDocument.Parse(box.Run("attach", "--json", "www", box.Root, spec).Ok().Out).RootElement[0];
        Assert.Equal(("v@one", true, true, "volume"), (again.GetProperty("source").GetString(), again.GetProperty("read_only").GetBoolean(),
            again.GetProperty("already_mounted").GetBoolean(), again.GetProperty("type").GetString()));
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Equal(["v@one", "v@two"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Theory]
    [InlineData("v@one:/d:rw", "never changes")]
    [InlineData("v@one:/d:ro=false", "kvol clone v@one NEW")]
    [InlineData("type=volume,source=v@one,target=/d,readonly=false", "readonly=false")]
    [InlineData("v@one:/d:nocopy", "creates, fills and changes nothing")]
    [InlineData("v@one:/d:nocreate", "is for volumes")]
    [InlineData("v@one:/d:owner=1", "is for volumes")]
    [InlineData("v@one:/d:recursive", "no datasets inside")]
    [InlineData("v@one:/d:create-source", "host mounts only")]
    [InlineData("v@:/d", "a snapshot is VOL@NAME")]
    [InlineData("@one:/d", "a snapshot is VOL@NAME")]
    [InlineData("v@a@b:/d", "a snapshot is VOL@NAME")]
    [InlineData("v@../../w:/d", "a snapshot is VOL@NAME")]
    [InlineData("v@.one:/d", "a snapshot is VOL@NAME")]
    [InlineData("type=bind,source=v@one,destination=/d", "must be a path")]
    [InlineData("v@one:/d:subpath=../w", "without '..'")]
    public void What_cannot_be_is_64(string spec, string reason)
    {
        using var box = Filled();
        box.Mount(spec).Refused(64, reason);
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void One_that_does_not_exist_is_66_and_nothing_is_created()
    {
        using var box = Filled();
        var before = box.State();
        box.Run("attach", "www", box.Root, "w:/w", "v@three:/old").Refused(66, "v@three: no such snapshot", "two, one");
        box.Mount("none@one:/old").Refused(66, "none", "no such volume");
        box.Run("create", "bare").Ok();
        box.Mount("bare@one:/old").Refused(66, "bare has no snapshots", "kvol snapshot bare@one");
        box.Run("rm", "bare").Ok();
        Assert.Equal(before, box.State());
        using var empty = new Box();
        empty.Mount("v@one:/old").Refused(66, "v: no such volume");
        Assert.False(Sys.Exists(empty.Store));
    }

    [Fact]
    public void It_neither_seeds_nor_is_in_the_way_of_a_seeding()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Run("snapshot", "v@bare").Ok();
        new Tree(new Dir("a"), new Text("a/f"), new Dir("b"), new Text("b/g")).Build(box.Root);
        Sys.Chown(box.Root + "/b", 7, 8);
        box.Mount("v@bare:/b", "v:/a").Ok();
        Assert.Equal(["f"], Sys.List(box.Data("v")));
        Assert.Empty(Sys.List(box.Root + "/b"));
        Assert.Equal(0u, Sys.Stat(box.Root + "/b").Uid);
    }

    [Fact]
    public void While_it_is_mounted_neither_it_nor_its_volume_goes()
    {
        using var box = Filled();
        box.Mount("v@two:/old").Ok();
        string[] where = [box.Root + "/old", $"kvol umount {box.Root} /old"];
        box.Run("rm", "v@two").Refused(75, ["v@two", .. where]);
        box.Run("rm", "v").Refused(75, where);
        box.Run("rename", "v", "w").Refused(75, where);
        box.Run("rollback", "-r", "v@one").Refused(75, ["v@two", .. where]);
        box.Run("rm", "-n", "v@two").Refused(75, where);
        Assert.Equal(["v@one", "v@two"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        Assert.Equal("old", File.ReadAllText(box.Root + "/old/f"));
        box.Run("rm", "v@one").Ok(); // which nothing shows
        box.Run("rollback", "v@two").Ok(); // it stays
        Assert.Equal("old", File.ReadAllText(box.Data("v") + "/f"));
        box.Umount().Ok();
        box.Run("rm", "v@two").Ok();
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void A_mount_in_another_namespace_or_by_another_program_counts_too()
    {
        using var box = Filled();
        box.MakeDir("host");
        Sys.BindMount($"{box.Store}/volumes/v/snapshots/two/data", box.Top + "/host");
        box.Run("rm", "v@two").Refused(75, box.Top + "/host", "umount");
        Sys.Unmount(box.Top + "/host");
        using var holder = Holder.Start($"{box.Store}/volumes/v/snapshots/two/data", box.Top + "/host");
        box.Run("rm", "v@two").Refused(75, "mount namespace", "nsenter");
    }

    [Fact]
    public void A_policy_leaves_the_one_that_is_mounted_and_removes_it_later()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Run("set", "v", "snapshots=hourly:1").Ok();
        var taken = box.Run("snapshot", "--due").Ok().Out.Split(':')[0];
        var old = "v@kvol-hourly-2020-01-01-0000Z";
        Sys.Rename($"{box.Store}/volumes/v/snapshots/{taken[2..]}", $"{box.Store}/volumes/v/snapshots/{old[2..]}");
        var record = $"{box.Store}/volumes/v/snapshots/{old[2..]}/snapshot.json";
        File.WriteAllText(record, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(record), "\"created\": *\"[^\"]*\"",
            "\"created\": \"2020-01-01T00:00:00Z\""));
        box.Mount(old + ":/old").Ok();
        Assert.DoesNotContain("removed", box.Run("snapshot", "--due").Ok().Out, StringComparison.Ordinal);
        Assert.Contains(old, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
        box.Umount().Ok();
        Assert.Contains(old + ": removed", box.Run("snapshot", "--due").Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_unmounts_it_before_the_volume_goes()
    {
        using var box = Filled();
        box.Mount("v@two:/old").Ok();
        box.Run("rm", "-f", "v").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_path_inside_is_mounted_alone_even_a_file()
    {
        using var box = Filled();
        box.Mount("v@one:/sub:subpath=sub", "v@one:/file:subpath=sub/g").Ok();
        Assert.Equal(("inner", "inner"), (File.ReadAllText(box.Root + "/sub/g"), File.ReadAllText(box.Root + "/file")));
        Assert.True(box.MountAt("/file").Has("ro"));
        box.Run("rm", "v@one").Refused(75, "v@one", "/file");
        box.Mount("v@one:/x:subpath=absent").Refused(66, "v@one/absent");
    }

    [Fact]
    public void Another_snapshot_or_the_volume_at_its_place_is_refused()
    {
        using var box = Filled();
        box.Mount("v@one:/old").Ok();
        box.Mount("v@two:/old").Refused(75, "snapshot v@one is mounted there", "not v@two");
        box.Mount("v:/old").Refused(75, "snapshot v@one is mounted there");
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void It_is_listed_dumped_and_declared()
    {
        using var box = Filled();
        box.Run("attach", "www", box.Root, "v@one:/old:nosuid", "v:/now").Ok();
        var all = box.Run("mounts", "--json").Ok().Out;
        Assert.Empty(JsonSchema.Read("mounts").Errors(all));
        var mount = JsonDocument.Parse(all).RootElement.EnumerateArray().Single(m => m.GetProperty("source").GetString() == "v@one");
        Assert.Equal(("volume", "/old", "www", true), (mount.GetProperty("type").GetString(), mount.GetProperty("destination").GetString(),
            mount.GetProperty("jail").GetString(), mount.GetProperty("read_only").GetBoolean()));
        Assert.Contains("v@one", box.Run("inspect", "v").Ok().Out, StringComparison.Ordinal);
        var dump = box.Run("dump").Ok().Out;
        Assert.Empty(JsonSchema.Read("apply").Errors(dump));
        Assert.Contains("v@one", dump, StringComparison.Ordinal);
        var file = box.MakeFile("host.json", dump);
        Assert.Empty(box.Run("diff", file).Ok().Out);
        var diff = box.Run("diff", box.MakeFile("other.json", dump.Replace("v@one", "v@two", StringComparison.Ordinal)));
        Assert.Equal(2, diff.Exit);
        Assert.Contains("v@one is mounted there", diff.Out + diff.Err, StringComparison.Ordinal);
        box.Run("detach", "www", box.Root).Ok();
        box.Run("apply", file).Ok();
        Assert.True(box.MountAt("/old").Has("nosuid"));
        Assert.Empty(box.Run("diff", file).Ok().Out);
    }

    [Fact]
    public void A_writable_volume_and_its_snapshot_are_not_one_shared_directory()
    {
        using var box = Filled();
        box.MakeDir("second");
        box.Mount("v:/now").Ok();
        box.Run("mount", box.Top + "/second", "v@one:/old").Ok();
        Assert.Empty(box.Inspect("v").GetProperty("warnings").EnumerateArray());
        Assert.Equal(2, box.Inspect("v").GetProperty("mountpoints").GetArrayLength());
    }

    [Fact]
    public void A_dry_run_names_the_equal_commands_and_they_do_the_same()
    {
        using var box = Filled();
        var before = box.State();
        var steps = box.Mount("-n", "v@one:/old:noexec").Ok().Lines;
        Assert.Contains($"mount --bind {box.Store}/volumes/v/snapshots/one/data {box.Root}/old", steps);
        Assert.Contains($"mount -o remount,bind,ro,noexec {box.Root}/old", steps);
        Assert.Equal(before, box.State());
        box.Shell(string.Join('\n', steps)).Ok();
        Assert.Equal("old", File.ReadAllText(box.Root + "/old/f"));
    }

    [Fact]
    public void The_snapshots_of_a_start_leave_a_volume_out_that_only_a_snapshot_is_mounted_of()
    {
        using var box = Filled();
        box.Run("attach", "--snapshot", "www", box.Root, "v@one:/old").Ok();
        Assert.Equal(["v@one", "v@two"], box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
    }

    [Fact]
    public void A_failure_of_a_later_mount_undoes_it()
    {
        using var box = Filled();
        var before = box.State();
        box.Run("attach", "www", box.Root, "v@one:/a/old", box.Top + "/absent:/z/z/z").Refused(66);
        Assert.Equal(before, box.State());
    }
}
