using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Before a container is created, its annotations get it volumes, and its runtime mounts them; when it has ended, nobody holds
/// them.</summary>
public partial class Containers
{
    private static readonly string[] Bind = Platform.IsFreeBSD ? [] : ["bind", "rprivate"];

    [Fact]
    public void A_volume_is_made_seeded_held_and_left_to_the_runtime_to_mount()
    {
        using var box = Bundle(("1", "web:/srv/www:ro,nosuid"), ("2", "data:/new"));
        box.MakeDir("root/srv");
        box.MakeDir("root/srv/www");
        box.MakeFile("root/srv/www/index", "hello\n");
        var said = Precreate(box).Ok();
        Assert.Contains("kvol: web: created, seeded with 1 file (6 bytes) from /srv/www\n", said.Err, StringComparison.Ordinal);
        Assert.Contains("kvol: data: created\n", said.Err, StringComparison.Ordinal);
        var config = JsonNode.Parse(said.Out)!;
        var added = config["mounts"]!.AsArray().Skip(2).Select(m => m!.ToJsonString()).ToArray();
        var type = Platform.IsFreeBSD ? "nullfs" : "bind";
        Assert.Equal(
        [
            Mount("/new", type, box.Data("data"), [.. Bind, "rw"]),
            Mount("/srv/www", type, box.Data("web"), [.. Bind, "ro", "nosuid"]),
        ], added);
        Assert.Equal("hello\n", File.ReadAllText(box.Data("web") + "/index"));
        Assert.Empty(box.Mounts);
        Assert.False(Sys.Exists(box.Root + "/new"));

        var id = config["annotations"]!["org.kvol.hold"]!.GetValue<string>();
        var way = $"kvol detach oci:{id}";
        box.Run("rm", "-f", "web").Refused(75, $"web: is held by the container in {box.Root}", way);
        box.Run("rename", "data", "d").Refused(75, way);
        var held = box.Inspect("web").GetProperty("mountpoints")[0];
        Assert.Equal($"oci /srv/www {box.Root}/srv/www {id} True", $"{held.GetProperty("type").GetString()} "
            + $"{held.GetProperty("destination").GetString()} {held.GetProperty("path").GetString()} "
            + $"{held.GetProperty("jail").GetString()} {held.GetProperty("read_only").GetBoolean()}");

        // What the runtime writes back is what it was given, but for what was added.
        config["annotations"]!.AsObject().Remove("org.kvol.hold");
        config["mounts"]!.AsArray().RemoveAt(3);
        config["mounts"]!.AsArray().RemoveAt(2);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(box.Top + "/config.json")), config));

        Assert.Equal("", Poststop(box, $$"""{"id":"c","annotations":{"org.kvol.hold":"{{id}}"} }""").Ok().Err);
        box.Run("rm", "web", "data").Ok();
    }

    [Fact]
    public void A_configuration_without_such_an_annotation_keeps_its_bytes()
    {
        using var box = new Box();
        const string Text = " {\"annotations\" : {\"a\":\"b\\u00e9\"},\n\t\"x\":18446744073709551615, \"y\": [1.0, 1e400], "
            + "\"x2\":{\"a\":1,\"a\":2}}\n\n";
        box.MakeFile("config.json", Text);
        var said = Precreate(box).Ok();
        Assert.Equal((Text, ""), (said.Out, said.Err));
        Assert.False(Sys.Exists(box.Store));
        Assert.False(Sys.Exists(box.Top + "/run/holds"));
    }

    [Fact]
    public void What_kvol_does_not_know_keeps_its_bytes()
    {
        using var box = new Box();
        box.MakeFile("config.json", """
            {"linux":{"memory":18446744073709551615,"w": 1.0},"annotations":{ "org.kvol.volume.a":"v:/v" },"root":{"path":"ROOT"},
            "Mounts2":[ ] ,"é":"\u00e9"}
            """.Replace("ROOT", box.Root));
        var said = Precreate(box).Ok();
        foreach (var part in (string[])["\"linux\":{\"memory\":18446744073709551615,\"w\": 1.0},", "\"Mounts2\":[ ] ,\"é\":\"\\u00e9\"}",
            "{ \"org.kvol.volume.a\":\"v:/v\" }".TrimStart('{')])
        {
            Assert.Contains(part, said.Out, StringComparison.Ordinal);
        }

        Assert.Equal("/v", (string?)JsonNode.Parse(said.Out)!["mounts"]![0]!["destination"]);
    }

    [Fact]
    public void A_link_in_the_root_directory_leads_to_nothing_outside()
    {
        using var box = Bundle(("1", "v:/link/d"));
        box.Shell("mkdir -p out/d $R$PWD/out/d; echo secret >out/d/f; echo own >$R$PWD/out/d/f; ln -s $PWD/out $R/link").Ok();
        Precreate(box).Ok();
        Assert.Equal("own\n", File.ReadAllText(box.Data("v") + "/f"));
    }

    [Fact]
    public void An_inner_volume_is_seeded_from_what_the_outer_one_holds_and_none_from_what_another_mount_covers()
    {
        using var box = Bundle(("1", "in:/a/b"), ("2", "out:/a"), ("3", "hidden:/dev/x"));
        box.Shell("mkdir -p $R/a/b $R/dev/x; echo image >$R/a/b/f; echo image >$R/dev/x/f; \"$KVOL\" create out; "
            + "mkdir $KVOL_ROOT/volumes/out/data/b; echo volume >$KVOL_ROOT/volumes/out/data/b/f; "
            + "sed -i 's/\"mounts\":\\[/&{\"destination\":\"\\/dev\\/\",\"type\":\"tmpfs\"},/' config.json").Ok();
        var config = JsonNode.Parse(Precreate(box).Ok().Out)!;
        Assert.Equal("volume\n", File.ReadAllText(box.Data("in") + "/f"));
        Assert.Empty(Sys.List(box.Data("hidden")));
        var order = config["mounts"]!.AsArray().Select(m => (string)m!["destination"]!).ToList();
        Assert.Equal("/dev/ /proc /usr /a /dev/x /a/b".Split(' ').Order(), order.Order());
        Assert.True(order.IndexOf("/a") < order.IndexOf("/a/b"));
    }

    [Fact]
    public void Of_two_containers_that_start_at_once_one_seeds_and_both_hold()
    {
        using var box = Bundle(("1", "v:/v"));
        box.Shell("mkdir $R/v; for i in $(seq 300); do echo $i >$R/v/$i; done").Ok();
        var running = Enumerable.Range(0, 4).Select(_ => box.StartShell("\"$KVOL\" oci precreate <config.json")).ToArray();
        var results = running.Select(r => r.Wait().Ok()).ToArray();
        Array.ForEach(running, r => r.Dispose());
        Assert.Single(results, r => r.Err.Contains("created", StringComparison.Ordinal));
        Assert.Equal(300, Sys.List(box.Data("v")).Count);
        Assert.Equal(4, box.Inspect("v").GetProperty("mountpoints").GetArrayLength());
        foreach (var result in results)
        {
            box.Run("rm", "v").Refused(75);
            Poststop(box, result.Out).Ok();
        }

        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void A_hold_whose_container_never_came_ends_with_its_root_directory_or_by_hand()
    {
        using var box = Bundle(("1", "v:/v"), ("2", "w:/w"));
        // More than a pipe takes: it is killed while it prints.
        box.Shell("head -c 300000 /dev/zero | tr '\\0' ' ' >>config.json; mkfifo pipe; sleep 100 <>pipe >/dev/null 2>&1 & echo $! >pid")
            .Ok();
        using var killed = box.StartShell("exec \"$KVOL\" oci precreate <config.json >pipe");
        for (var i = 0; i < 600 && !(Sys.Exists(box.Top + "/run/holds") && Sys.List(box.Top + "/run/holds").Any(n => n[0] != '.')); i++)
        {
            Thread.Sleep(50);
        }

        killed.Signal(9);
        killed.Wait();
        box.Shell("kill $(cat pid)").Ok();
        Assert.Equal(["v", "w"], box.Volumes);
        box.Run("rm", "v").Refused(75, "is held by the container in " + box.Root);
        var id = box.Run("mounts", "-H").Ok().Lines[0].Split('\t')[3];
        Assert.Contains("no longer held", box.Run("detach", id).Ok().Err, StringComparison.Ordinal);
        box.Run("rm", "v").Ok();

        Precreate(box).Ok();
        Directory.Delete(box.Root, true);
        Assert.Contains("no longer held", box.Run("gc").Ok().Out, StringComparison.Ordinal);
        box.Run("rm", "v", "w").Ok();
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_hold_ends_with_the_mount_of_its_root_directory_and_not_with_the_next_one_there()
    {
        using var box = Bundle(("1", "v:/v"));
        box.Shell("mount -t tmpfs tmpfs $R").Ok();
        Precreate(box).Ok();
        box.Run("rm", "v").Refused(75);
        box.Shell("umount $R; mount -t tmpfs tmpfs $R").Ok();
        Precreate(box).Ok();
        Assert.Single(box.Run("mounts", "-H").Ok().Lines);
        box.Shell("umount $R").Ok();
        Assert.Empty(box.Run("mounts", "-H").Ok().Lines);
        Assert.Equal(2, box.Run("gc").Ok().Lines.Length);
        box.Run("rm", "v").Ok();
    }

    [Theory]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP\"}")]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP\",\"annotations\":null}")]
    [InlineData("{\"id\":\"c\",\"bundle\":\"TOP/.\",\"annotations\":{\"a\":\"b\"}}")]
    public void Where_the_state_has_no_annotations_the_bundle_tells_the_hold(string state)
    {
        using var box = Bundle(("1", "v:/v"));
        box.MakeFile("config.json", Precreate(box).Ok().Out);
        box.Run("rm", "v").Refused(75);
        Poststop(box, state.Replace("TOP", box.Top)).Ok();
        box.Run("rm", "v").Ok();
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{\"id\":\"c\",\"bundle\":\"/nowhere\"}", 0)]
    [InlineData("{\"bundle\":\"TOP/run\"}", 0)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":\"0123456789ab\"}}", 0)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":\"../x\"}}", 64)]
    [InlineData("{\"annotations\":{\"org.kvol.hold\":7}}", 65)]
    [InlineData("{\"annotations\":[]}", 65)]
    [InlineData("{\"bundle\":\"TOP/fifo\"}", 65)]
    [InlineData("", 65)]
    [InlineData("[]", 65)]
    public void Without_a_hold_poststop_says_nothing_and_hostile_input_is_an_error(string state, int status)
    {
        using var box = new Box();
        box.Shell("mkdir fifo; mkfifo fifo/config.json").Ok();
        var said = Poststop(box, state.Replace("TOP", box.Top));
        if (status == 0)
        {
            Assert.Equal("", said.Ok().Err + said.Out);
        }
        else
        {
            said.Refused(status);
        }
    }

    [Fact]
    public void A_hook_may_give_the_name_of_the_program_twice()
    {
        using var box = new Box();
        box.MakeFile("state", "{}");
        box.Shell("\"$KVOL\" kvol oci poststop <state").Ok();
        box.Shell("(exec -a oci \"$KVOL\" poststop) <state").Ok();
        box.Shell("(exec -a kvol \"$KVOL\" oci poststop) <state").Ok();
        box.Shell("\"$KVOL\" kvol ls <state").Refused(64);
        box.Shell("\"$KVOL\" poststop <state").Refused(64);
        box.Shell("\"$KVOL\" oci prestart <state").Refused(64, "precreate or poststop");
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_container_of_crun_writes_to_its_volume()
    {
        using var box = Bundle(("1", "v:/srv"), ("2", "r:/srv/ro:ro"));
        box.Shell("""
            set -e
            mkdir -p $R/srv/ro $R/proc $R/usr $R/dev; ln -s usr/bin usr/lib usr/lib64 $R; echo image >$R/srv/f; echo ro >$R/srv/ro/f
            "$KVOL" oci precreate <config.json >new; mv new config.json
            # Where a host has groups of both versions, crun refuses those of the second.
            unshare -m sh -c "umount -l /sys/fs/cgroup/unified 2>/dev/null; crun --cgroup-manager=disabled run kvol-$$" >out 2>&1 ||
                { cat out >&2; exit 1; }
            """).Ok();
        Assert.Equal("image\nro\nread-only\n", File.ReadAllText(box.Top + "/out"));
        Assert.Equal("new\n", File.ReadAllText(box.Data("v") + "/new"));
        Assert.Empty(box.Mounts);
        box.Run("rm", "v").Refused(75, "is held");
        Poststop(box, File.ReadAllText(box.Top + "/config.json")).Ok();
        box.Run("rm", "v", "r").Ok();
    }

    private static string Mount(string destination, string type, string source, string[] options) =>
        JsonSerializer.Serialize(new { destination, type, source, options });

    private static Result Precreate(Box box) => box.Shell("\"$KVOL\" oci precreate <config.json");

    private static Result Poststop(Box box, string state)
    {
        box.MakeFile("state", state);
        return box.Shell("\"$KVOL\" oci poststop <state");
    }

    // A bundle whose configuration runs a shell, with these annotations.
    private static Box Bundle(params (string Key, string Spec)[] volumes)
    {
        var box = new Box();
        var annotations = volumes.ToDictionary(v => "org.kvol.volume." + v.Key, v => v.Spec);
        box.MakeFile("config.json", JsonSerializer.Serialize(new
        {
            ociVersion = "1.0.2",
            process = new
            {
                user = new { uid = 0, gid = 0 },
                cwd = "/",
                env = (string[])["PATH=/usr/bin"],
                args = (string[])["/usr/bin/sh", "-c",
                    "cat /srv/f /srv/ro/f; echo new >/srv/new; { echo x >/srv/ro/x; } 2>/dev/null || echo read-only"],
            },
            root = new { path = box.Root },
            annotations,
            mounts = new[]
            {
                new { destination = "/proc", type = "proc", source = "proc", options = (string[])[] },
                new { destination = "/usr", type = "bind", source = "/usr", options = (string[])["bind", "ro"] },
            },
            linux = new { namespaces = new[] { new { type = "mount" }, new { type = "pid" } } },
        }));
        return box;
    }
}
