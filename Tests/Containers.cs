using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
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
            Mount("/srv/www", type, box.Data("web"), [.. Bind, "ro", "nosuid"]),
            Mount("/new", type, box.Data("data"), [.. Bind, "rw"]),
        ], added);
        Assert.Equal("hello\n", File.ReadAllText(box.Data("web") + "/index"));
        Assert.Empty(box.Mounts);
        Assert.False(Sys.Exists(box.Root + "/new"));

        var id = config["annotations"]!["org.kvol.hold"]!.GetValue<string>();
        var way = $"kvol detach {id}";
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

    public static TheoryData<string> Refusals => [.. Refused.Keys];

    // The annotation, what is done before, and what kvol says.
    private static readonly Dictionary<string, (string Spec, string Before, int Status, string Words)> Refused = new()
    {
        ["a directory of the host"] = ("/etc:/etc2", "", 64, "can only name volumes"),
        ["a relative directory of the host"] = ("./x:/x", "", 64, "can only name volumes"),
        ["a path in a volume"] = ("v:/v:subpath=x", "", 64, "out of the volume"),
        ["a snapshot"] = ("v@s:/v", "", 64, "names a snapshot"),
        ["mapped owners"] = ("v:/v:idmap=/proc/1/ns/user", "", 64, "idmap"),
        ["another file system"] = ("type=tmpfs,destination=/tmp", "", 64, "tmpfs"),
        ["every file system"] = ("v:/v:recursive", "", 64, "'recursive'"),
        ["no SPEC"] = ("v", "", 64, "the destination is missing"),
        ["an unknown option"] = ("v:/v:xyz", "", 64, "xyz"),
        ["a name that is none"] = ("a b:/v", "", 64, "not a volume name"),
        ["a volume that may not be made"] = ("v:/v:nocreate", "", 66, "no such volume"),
        ["a destination that is taken"] = ("v:/proc", "", 64, "proc is mounted on /proc"),
        ["a link to a destination that is taken"] = ("v:/p", "mkdir $R/proc; ln -s proc $R/p", 64, "proc is mounted on /proc"),
        ["a destination through a file"] = ("v:/f/v", "echo x >$R/f", 73, "/f/v"),
        ["a file as destination"] = ("v:/f", "echo x >$R/f", 73, "is not a directory"),
        ["a loop of links"] = ("v:/l", "ln -s l $R/l", 73, "too many symbolic links"),
        ["a foreign directory in the store"] =
            ("v:/v", "\"$KVOL\" init; mkdir $KVOL_ROOT/volumes/v; echo x >$KVOL_ROOT/volumes/v/f", 65, "volume.json"),
        ["a root directory that is not there"] = ("v:/v", "rmdir $R", 66, "does not exist"),
        ["a root directory in the store"] =
            ("v:/v", "rmdir $R; \"$KVOL\" create s; ln -s $KVOL_ROOT/volumes/s/data $R", 64, "inside the store"),
        ["an empty volume that is writable elsewhere"] =
            ("v:/v", "mkdir $R/v o; echo x >$R/v/f; \"$KVOL\" mount -q o v:/v", 75, "mounted writable"),
        ["a hold that somebody wrote"] =
            ("v:/v", "sed -i 's/\"annotations\":{/&\"org.kvol.hold\":\"x\",/' config.json", 64, "org.kvol.hold"),
        ["a destination that is given twice"] =
            ("v:/v", "sed -i 's/\"annotations\":{/&\"org.kvol.volume.x\":\"w:\\/v\",/' config.json", 64, "two mounts"),
        ["a destination that is reached twice"] =
            ("v:/v", "mkdir $R/v; ln -s v $R/w; sed -i 's/\"annotations\":{/&\"org.kvol.volume.x\":\"w:\\/w\",/' config.json", 64,
                "same directory"),
        ["another member of the same name"] = ("v:/v", "sed -i 's/\"mounts\"/\"annotations\":{},&/' config.json", 65, "twice"),
        ["no JSON"] = ("v:/v", "echo '}' >>config.json", 65, "not valid JSON"),
        ["no root directory"] = ("v:/v", "sed -i 's/\"root\"/\"r\"/' config.json", 65, "root.path"),
        ["a standard output that is full"] = ("v:/v", "", 71, "standard output"),
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_prints_nothing_and_leaves_nothing(string name)
    {
        var (spec, before, status, words) = Refused[name];
        using var box = Bundle(("1", spec));
        box.Shell(before.Length == 0 ? ":" : before).Ok();
        var volumes = Volumes(box);
        var said = name.EndsWith("full", StringComparison.Ordinal) ? box.Shell("\"$KVOL\" oci precreate <config.json >/dev/full")
            : Precreate(box);
        said.Refused(status, words);
        Assert.Equal("", said.Out);
        Assert.Equal(volumes, Volumes(box));
        Assert.Empty(Sys.Exists(box.Top + "/run/holds") ? Sys.List(box.Top + "/run/holds") : []);
    }

    [Fact]
    public void A_seeding_that_has_no_room_leaves_nothing()
    {
        using var box = Bundle(("1", "small:/s"), ("2", "big:/b"));
        box.Shell("mkdir $KVOL_ROOT $R/s $R/b; mount -t tmpfs -o size=1m,mode=700 tmpfs $KVOL_ROOT; echo x >$R/s/f; "
            + "head -c 3000000 /dev/zero >$R/b/f").Ok();
        Precreate(box).Refused(73, "no room left");
        Assert.Empty(box.Volumes);
        Assert.Empty(box.Run("mounts", "-H").Ok().Out);
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
    public void A_hook_may_give_the_name_of_the_program_twice()
    {
        using var box = new Box();
        box.Shell("echo {} | \"$KVOL\" kvol oci poststop").Ok();
        box.Shell("echo {} | (exec -a oci \"$KVOL\" poststop)").Ok();
        box.Shell("echo {} | (exec -a kvol \"$KVOL\" oci poststop)").Ok();
        box.Shell("echo {} | \"$KVOL\" kvol ls").Refused(64);
        box.Shell("echo {} | \"$KVOL\" poststop").Refused(64);
        box.Shell("echo {} | \"$KVOL\" oci prestart").Refused(64, "precreate or poststop");
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

    private static string[] Volumes(Box box) => Sys.Exists(box.Store + "/volumes")
        ? [.. Sys.List(box.Store + "/volumes").Where(n => n[0] != '.').Order()] : [];

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
