using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Mounts that show owners as a user namespace maps them.</summary>
[Trait("System", "Linux")]
public class IdMaps
{
    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void Files_of_a_volume_have_the_owners_that_the_namespace_maps_them_to(string type)
    {
        using var box = new Box(type);
        using var ns = new UserNamespace();
        box.Run("create", "v").Ok();
        File.WriteAllText(box.Data("v") + "/root", "");
        File.WriteAllText(box.Data("v") + "/user", "");
        Sys.Chown(box.Data("v") + "/user", 1000, 1001);
        box.Run("attach", "www", box.Root, $"v:/d:idmap={ns.Path}", "v:/plain").Ok();
        Assert.True(box.MountAt("/d").Has("idmapped"));
        Assert.False(box.MountAt("/plain").Has("idmapped"));
        Assert.Equal((100000u, 100000u), Owner(box.Root + "/d/root"));
        Assert.Equal((101000u, 101001u), Owner(box.Root + "/d/user"));
        Assert.Equal((0u, 0u), Owner(box.Root + "/plain/root"));
        Assert.Equal((1000u, 1001u), Owner(box.Data("v") + "/user"));

        // What root of the namespace writes is root's on disk.
        Tool.Run("nsenter", "--user=" + ns.Path, "-S", "0", "-G", "0", "touch", box.Root + "/d/new");
        Assert.Equal((0u, 0u), Owner(box.Data("v") + "/new"));
        box.Run("detach", "www", box.Root).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
    }

    [Fact]
    public void A_directory_of_the_host_a_path_in_a_volume_and_a_snapshot_can_have_it_too()
    {
        using var box = new Box("xfs");
        using var ns = new UserNamespace();
        var host = box.MakeDir("host");
        File.WriteAllText(host + "/f", "");
        box.Run("create", "v").Ok();
        Sys.Mkdir(box.Data("v") + "/sub");
        File.WriteAllText(box.Data("v") + "/sub/f", "");
        box.Run("snapshot", "v@s").Ok();
        var map = "idmap=" + ns.Path;
        box.Mount($"{host}:/h:{map},ro", $"type=volume,source=v,destination=/s,volume-subpath=sub,{map}", $"v@s:/old:{map}").Ok();
        Assert.Equal([100000u, 100000u, 100000u],
            new[] { "/h/f", "/s/f", "/old/sub/f" }.Select(f => Owner(box.Root + f).Uid));
        Assert.True(box.MountAt("/old").Has("ro") && box.MountAt("/h").Has("ro"));
    }

    [Fact]
    public void A_seeding_keeps_the_owners_on_disk_so_that_an_image_in_the_namespace_stays_right()
    {
        using var box = new Box();
        using var ns = new UserNamespace();
        new Tree(new Dir("d"), new Text("d/f")).Build(box.Root);
        Sys.Chown(box.Root + "/d", 5, 6);
        Sys.Chown(box.Root + "/d/f", 7, 8);
        box.Mount($"v:/d:idmap={ns.Path}", $"w:/w:idmap={ns.Path},owner=33:34").Ok();
        Assert.Equal((5u, 6u), Owner(box.Data("v")));
        Assert.Equal((7u, 8u), Owner(box.Data("v") + "/f"));
        Assert.Equal((100007u, 100008u), Owner(box.Root + "/d/f"));
        Assert.Equal((33u, 34u), Owner(box.Data("w")));
        Assert.Equal((100033u, 100034u), Owner(box.Root + "/w"));
    }

    [Fact]
    public void The_same_again_is_done_already_and_another_map_is_refused()
    {
        using var box = new Box();
        using var ns = new UserNamespace();
        using var other = new UserNamespace("0 200000 1000\n");
        var bound = box.MakeFile("ns");
        Sys.BindMount(ns.Path, bound);
        var spec = $"v:/d:idmap={bound}";
        box.Run("attach", "www", box.Root, spec).Ok();
        var json = JsonDocument.Parse(box.Run("attach", "--json", "www", box.Root, spec).Ok().Out).RootElement[0];
        Assert.True(json.GetProperty("already_mounted").GetBoolean());
        box.Mount("v:/d").Refused(75, "rw,idmap", "kvol umount");
        box.Mount($"v:/d:idmap={other.Path}").Refused(75, "another user namespace", bound);
        Sys.Unmount(bound, Sys.Detach);
        Sys.BindMount(other.Path, bound); // the same name of another namespace
        box.Mount(spec).Refused(75, "another user namespace");
        Sys.Unmount(bound, Sys.Detach);
        box.Mount(spec).Refused(64, bound, "is not a user namespace");
        box.Run("detach", "www", box.Root).Ok();
        box.Mount("v:/d").Ok();
        box.Mount($"v:/d:idmap={ns.Path}").Refused(75, "is already mounted there rw, not rw,idmap");
    }

    [Fact]
    public void It_is_listed_dumped_and_declared()
    {
        using var box = new Box();
        using var ns = new UserNamespace();
        box.Run("attach", "www", box.Root, $"v:/d:idmap={ns.Path}", "w:/w").Ok();
        var all = box.Run("mounts", "--json").Ok().Out;
        Assert.Empty(JsonSchema.Read("mounts").Errors(all));
        Assert.Empty(JsonSchema.Read("inspect").Errors(box.Run("inspect", "v").Ok().Out));
        var mounts = JsonDocument.Parse(all).RootElement.EnumerateArray().ToDictionary(m => m.GetProperty("source").GetString()!);
        Assert.Equal((true, ns.Path), (mounts["v"].GetProperty("idmapped").GetBoolean(), mounts["v"].GetProperty("idmap").GetString()));
        Assert.Equal((false, null), (mounts["w"].GetProperty("idmapped").GetBoolean(), mounts["w"].GetProperty("idmap").GetString()));
        var dump = box.Run("dump").Ok().Out;
        Assert.Empty(JsonSchema.Read("apply").Errors(dump));
        var file = box.MakeFile("host.json", dump);
        Assert.Empty(box.Run("diff", file).Ok().Out);
        var without = box.MakeFile("without.json", dump.Replace("idmap=" + ns.Path, "rw", System.StringComparison.Ordinal));
        Assert.Equal(2, box.Run("diff", without).Exit);
        box.Run("apply", without).Refused(1, "v is already mounted there for jail www rw,idmap, not rw");
        box.Run("detach", "www", box.Root).Ok();
        box.Run("apply", file).Ok();
        Assert.True(box.MountAt("/d").Has("idmapped"));
        Assert.Empty(box.Run("diff", file).Ok().Out);
    }

    [Fact]
    public void A_dry_run_names_the_command_of_util_linux_and_changes_nothing()
    {
        using var box = new Box();
        using var ns = new UserNamespace();
        box.Run("create", "v").Ok();
        var before = box.State();
        Assert.Contains($"mount --bind -o X-mount.idmap={ns.Path} {box.Data("v")} {box.Root}/d",
            box.Mount("-n", $"v:/d:idmap={ns.Path}").Ok().Lines);
        box.Mount("-n", "v:/d:idmap=/proc/0/ns/user").Refused(66, "/proc/0/ns/user");
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("/proc/self/ns/nope", 66, "no user namespace")]
    [InlineData("/proc/self/status/x", 66, "no user namespace")]
    [InlineData("/proc/1/ns/mnt", 64, "is not a user namespace")]
    [InlineData("/dev/null", 64, "is not a user namespace")]
    [InlineData("/etc", 64, "is not a user namespace")]
    [InlineData("proc/1/ns/user", 64, "absolute path")]
    [InlineData("", 64, "absolute path")]
    [InlineData("/a\\:b", 64, "absolute path")]
    public void What_is_no_user_namespace_is_refused_before_anything_is_made(string path, int status, string reason)
    {
        using var box = new Box();
        var before = box.State();
        box.Mount("v:/d", $"w:/w:idmap={path}").Refused(status, reason);
        Assert.Equal(before, box.State());
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void The_namespace_of_the_host_maps_nothing_and_a_fifo_is_not_waited_for()
    {
        using var box = new Box();
        box.Shell("mkfifo fifo").Ok();
        box.Mount($"v:/d:idmap={box.Top}/fifo").Refused(64, "is not a user namespace");
        Assert.SkipUnless(File.ResolveLinkTarget("/proc/self/ns/user", false)?.Name == "user:[4026531837]",
            "this is not the first user namespace, so none here has that number");
        box.Mount("v:/d:idmap=/proc/self/ns/user").Refused(64, "user namespace of the host");
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void What_the_kernel_refuses_undoes_the_whole_command()
    {
        using var box = new Box();
        using var ns = new UserNamespace(map: null);
        using var mapped = new UserNamespace();
        var before = box.State();
        var result = box.Run("attach", "www", box.Root, "v:/a", $"w:/b:idmap={ns.Path}");
        result.Refused(69, "/b", "a mount of tmpfs cannot have 'idmap' on this kernel, or", "has no uid_map");
        Assert.Equal(before, box.State());
        box.Mount($"/proc:/p:idmap={mapped.Path}").Refused(69, "/p", "a mount of proc");
        var host = box.MakeDir("host");
        box.Mount($"{host}:/h:idmap={mapped.Path}").Ok();
        box.Run("mount", box.MakeDir("second"), $"{box.Root}/h:/h:idmap={mapped.Path}").Refused(77, "mounted with 'idmap' itself");
        box.Run("mount", box.Top + "/second", $"{box.Root}/h:/h").Ok(); // has the map of its source
        Assert.True(MountInfo.At(box.Top + "/second/h").Single().Has("idmapped"));
        box.Run("mount", box.Top + "/second", $"{box.Root}/h:/h").Ok();
    }

    [Fact]
    public void A_mount_point_in_such_a_mount_is_made_in_its_source_first()
    {
        using var box = new Box();
        using var ns = new UserNamespace();
        var before = box.State();
        box.Mount($"v:/var:idmap={ns.Path}", "w:/var/log").Refused(73, "make it in the source of that mount first");
        Assert.Equal(before, box.State());
        box.Run("create", "v").Ok();
        Sys.Mkdir(box.Data("v") + "/log");
        box.Mount($"v:/var:idmap={ns.Path}", "w:/var/log").Ok();
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void The_mount_outlives_its_namespace_and_a_new_one_is_another()
    {
        using var box = new Box();
        var ns = new UserNamespace();
        box.Run("attach", "www", box.Root, $"v:/d:idmap={ns.Path}").Ok();
        var path = ns.Path;
        ns.Dispose();
        while (Sys.Exists(path))
        {
            Thread.Sleep(5);
        }

        Assert.Equal(100000u, Owner(box.Root + "/d").Uid);
        box.Run("attach", "www", box.Root, $"v:/d:idmap={path}").Refused(66, "may have ended");
        using var next = new UserNamespace();
        box.Run("attach", "www", box.Root, $"v:/d:idmap={next.Path}").Refused(75, "another user namespace");
        box.Run("detach", "www", box.Root).Ok();
        box.Run("attach", "www", box.Root, $"v:/d:idmap={next.Path}").Ok();
    }

    private static (uint Uid, uint Gid) Owner(string path) => (Sys.Stat(path).Uid, Sys.Stat(path).Gid);
}
