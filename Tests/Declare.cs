using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>apply makes a host as its file says, diff shows what is missing, and dump prints the file of a host.</summary>
public class Declare
{
    [Fact]
    public void A_host_becomes_as_its_file_says_and_the_same_again_does_nothing()
    {
        using var box = new Box();
        var (src, other) = (box.MakeDir("src"), box.MakeDir("other"));
        var file = box.MakeFile("host.json", $$"""
            {
              "version": 1,
              "volumes": [
                { "name": "web", "labels": { "tier": "front" }, "keep": true, "owner": "33:44", "mode": "0750" },
                { "name": "db" }
              ],
              "roots": [
                { "rootdir": "{{box.Root}}", "jail": "www", "mounts": [
                    "web:/srv:ro", { "type": "bind", "source": "{{src}}", "destination": "/src", "options": ["nosuid", "noexec"] } ] },
                { "rootdir": "{{other}}", "mounts": [ "web:/data", "db:/data/db" ] }
              ]
            }
            """);
        string[] steps =
        [
            "create web", "set web label.keep=true (not set)", "set web label.tier=front (not set)", "set web owner=33:44 (not set)",
            "set web mode=0750 (not set)", "create db", $"mount {box.Root} web:/srv:ro for www",
            $"mount {box.Root} {src}:/src:nosuid,noexec for www",
            $"mount {other} web:/data", $"mount {other} db:/data/db",
        ];
        Assert.Equal((2, string.Join('\n', steps) + "\n"), Outcome(box.Run("diff", file)));
        Assert.Equal((0, string.Join('\n', steps) + "\n"), Outcome(box.Run("apply", "-n", file)));
        Assert.Empty(box.Volumes);
        Assert.Equal((0, string.Join('\n', steps) + "\n"), Outcome(box.Run("apply", file)));
        var (data, volume) = (Sys.Stat(box.Data("web")), box.Inspect("web"));
        Assert.Equal((33u, 44u, 0b111_101_000), (data.Uid, data.Gid, data.Mode));
        Assert.Equal("{\"keep\":\"true\",\"tier\":\"front\"}", Packed(volume.GetProperty("labels").GetRawText()));
        Assert.Equal(["www", "www"], box.Run("mounts", "-H").Ok().Lines.Select(l => l.Split('\t')).Where(f => f[4].StartsWith(box.Root,
            StringComparison.Ordinal)).Select(f => f[3]));
        var before = MountInfo.Below(box.Top).Select(m => m.Id).ToArray();
        Assert.Equal((0, ""), Outcome(box.Run("apply", "--prune", file)));
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
        Assert.Equal(before, MountInfo.Below(box.Top).Select(m => m.Id));
        box.Run("detach", "www").Ok();
        Assert.Equal(2, MountInfo.Below(box.Top).Count);
    }

    [Fact]
    public void A_dump_is_the_file_of_the_host()
    {
        using var box = new Box();
        var src = box.MakeDir("s:r=c, 'x'");
        Sys.Symlink(src, box.Top + "/link");
        box.Run("create", "web", "-l", "a=b \"c\"", "--owner", "7", "--mode", "1777").Ok();
        box.Run("create").Ok();
        new Tree(new Dir("full"), new Text("full/a"), new Dir("sub")).Build(box.Root);
        Sys.Mkdir(box.Data("web") + "/in,side");
        Sys.Mkdir(box.Data("web") + "/inside");
        box.Run("attach", "-q", "www", box.Root, "web:/srv:ro,nosuid", "seeded:/full", "web:/sub:subpath=inside").Ok();
        box.Run("attach", "-q", "two", box.Root, "web:/srv:ro,nosuid").Ok(); // shared
        box.Mount("-q", box.Top + "/link:/host", $"type=bind,source={box.Top}/link,destination=/h2,noexec").Ok();
        var dump = box.Run("dump").Ok();
        Assert.Equal("", dump.Err);
        var file = box.MakeFile("host.json", dump.Out);
        var state = box.State();
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
        Assert.Equal((0, ""), Outcome(box.Run("apply", "--prune", file)));
        Assert.Equal(state, box.State());
        Assert.Equal(dump.Out, box.Run("dump").Ok().Out);
        // The same mounts on a host that has none of them.
        box.Run("detach", "-q", "www").Ok();
        box.Run("detach", "-q", "two").Ok();
        box.Umount("-q").Ok();
        Assert.Empty(box.Mounts);
        box.Run("apply", "-q", file).Ok();
        Assert.Equal(dump.Out, box.Run("dump").Ok().Out);
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
    }

    [Fact]
    public void Only_prune_unmounts_and_only_what_was_mounted_for_the_same_jail_in_the_roots_of_the_file()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        box.Run("attach", "-q", "www", box.Root, "web:/srv", "old:/old", "both:/both").Ok();
        box.Run("attach", "-q", "db", box.Root, "data:/db", "both:/both").Ok();
        box.Mount("-q", "plain:/plain").Ok();
        box.Run("mount", "-q", other, "far:/far").Ok();
        var file = box.MakeFile("host.json", $$"""
            { "version": 1, "roots": [ { "rootdir": "{{box.Root}}", "jail": "www", "mounts": ["web:/srv"] } ] }
            """);
        var difference = $"unmount {box.Root} both:/both for www\nunmount {box.Root} old:/old for www\n";
        Assert.Equal((2, difference), Outcome(box.Run("diff", file), sorted: true));
        var kept = box.Run("apply", file).Ok();
        Assert.Contains("/old", kept.Err, StringComparison.Ordinal);
        Assert.Contains($"--prune unmounts it, and so does: kvol umount {box.Root} /old", kept.Err, StringComparison.Ordinal);
        Assert.Equal(5, box.Mounts.Count);
        Assert.Equal((0, difference), Outcome(box.Run("apply", "--prune", file), sorted: true));
        Assert.Equal(["/both", "/db", "/plain", "/srv"], box.Mounts.Select(m => m.Target[box.Root.Length..]).Order());
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
        Assert.Contains("old", box.Volumes);
        Assert.Single(MountInfo.Below(other));
        // What was unmounted is not made again, and the other jail has what it was given.
        Assert.DoesNotContain("old:/old", box.Run("detach", "-v", "www").Ok().Err, StringComparison.Ordinal);
        Assert.Contains(box.Root + "/both", box.Run("detach", "-v", "db").Ok().Err, StringComparison.Ordinal);
        // A root directory with no mounts in the file is cleared.
        box.MakeFile("host.json",
            $$"""{ "version": 1, "roots": [ { "rootdir": "{{box.Root}}" }, { "rootdir": "{{other}}", "mounts": [] } ] }""");
        box.Run("apply", "-q", "--prune", file).Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(MountInfo.Below(other));
        Assert.Equal(["both", "data", "far", "old", "plain", "web"], box.Volumes);
    }

    [Fact]
    public void After_a_failure_the_others_go_on_but_nothing_is_mounted_without_its_volume()
    {
        using var box = new Box();
        var other = box.MakeDir("other");
        var file = box.MakeFile("host.json", $$"""
            {
              "version": 1,
              "volumes": [ { "name": "bad", "quota": "1G" }, { "name": "good" } ],
              "roots": [
                { "rootdir": "{{box.Root}}", "mounts": ["good:/good", "bad:/bad"] },
                { "rootdir": "{{other}}", "mounts": ["good:/good"] },
                { "rootdir": "{{box.Top}}/absent", "mounts": ["good:/good"] }
              ]
            }
            """);
        var result = box.Run("apply", file); // tmpfs has no quotas
        Assert.Equal(1, result.Exit);
        Assert.Equal(["good"], box.Volumes);
        Assert.Empty(box.Mounts);
        Assert.Single(MountInfo.Below(other));
        Assert.Equal(3, result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"{box.Root}: nothing was changed there, because volume bad", result.Err, StringComparison.Ordinal);
        Assert.Equal(1, box.Run("diff", file).Exit);
        box.MakeFile("host.json", "{ \"version\": 1, \"volumes\": [ { \"name\": \"bad\", \"quota\": \"1G\" } ] }");
        box.Run("apply", file).Refused(69, "bad");
    }

    [Fact]
    public void What_it_cannot_change_is_said_with_the_way_out()
    {
        using var box = new Box();
        box.Run("create", "web", "--owner", "1:1").Ok();
        box.Mount("-q", "web:/srv").Ok();
        var owner = box.MakeFile("owner.json", "{ \"version\": 1, \"volumes\": [ { \"name\": \"web\", \"owner\": \"2:2\" } ] }");
        box.Run("apply", owner).Refused(73, "web: owner is 1:1, not 2:2", $"chown 2:2 {box.Data("web")}");
        Assert.Equal(2, box.Run("diff", owner).Exit);
        Tool.Run("chown", "2:2", box.Data("web"));
        box.Run("apply", owner).Ok();
        var mount = box.MakeFile("mount.json",
            $$"""{ "version": 1, "roots": [ { "rootdir": "{{box.Root}}", "mounts": ["new:/new", "web:/srv:ro"] } ] }""");
        Assert.Contains($"kvol umount {box.Root} /srv", box.Run("diff", mount).Out, StringComparison.Ordinal);
        box.Run("apply", mount).Refused(75, "/srv", $"kvol umount {box.Root} /srv");
        Assert.Equal(["web"], box.Volumes);
        Assert.Single(box.Mounts);
        box.Umount("/srv").Ok();
        box.Run("apply", "-q", mount).Ok();
        Assert.Equal(2, box.Mounts.Count);
    }

    [Fact]
    [Trait("System", "Linux")] // the stand-in cannot clone files, so it has no snapshots
    public void Labels_and_policies_are_set_and_removed_and_others_are_left()
    {
        using var box = new Box("xfs");
        box.Run("create", "web", "-l", "a=1", "-l", "b=2", "-l", "keep=x").Ok();
        var file = box.MakeFile("host.json", """
            { "version": 1, "volumes": [
                { "name": "web", "labels": { "a": null, "c": "3" }, "keep": true, "snapshots": "daily:7,hourly:24" } ] }
            """);
        Assert.Equal((0, "set web label.a=none (is 1)\nset web label.c=3 (not set)\nset web snapshots=hourly:24,daily:7 (not set)\n"),
            Outcome(box.Run("apply", file)));
        Assert.Equal("{\"b\":\"2\",\"c\":\"3\",\"keep\":\"x\"}", Packed(box.Inspect("web").GetProperty("labels").GetRawText()));
        Assert.Equal("hourly:24,daily:7", box.Inspect("web").GetProperty("snapshots").GetString());
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
        box.MakeFile("host.json",
            "{ \"version\": 1, \"volumes\": [ { \"name\": \"web\", \"keep\": false, \"snapshots\": null, \"quota\": null } ] }");
        box.Run("apply", "-q", file).Ok();
        Assert.Equal("{\"b\":\"2\",\"c\":\"3\"}", Packed(box.Inspect("web").GetProperty("labels").GetRawText()));
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
    }

    [Fact]
    [Trait("System", "Linux")] // the remount is Linux's
    public void A_mount_that_is_gone_or_stale_or_was_remounted_is_seen()
    {
        using var box = new Box();
        var file = box.MakeFile("host.json", $$"""{ "version": 1, "roots": [ { "rootdir": "{{box.Root}}", "mounts": ["web:/srv"] } ] }""");
        box.Run("apply", "-q", file).Ok();
        Sys.Mount("none", box.Root + "/srv", null, Sys.Remount | Sys.Bind | Sys.ReadOnly);
        Assert.Equal(2, box.Run("diff", file).Exit);
        Sys.Mount("none", box.Root + "/srv", null, Sys.Remount | Sys.Bind);
        Assert.Equal(0, box.Run("diff", file).Exit);
        Sys.Unmount(box.Root + "/srv");
        Assert.Equal((2, $"mount {box.Root} web:/srv\n"), Outcome(box.Run("diff", file)));
        box.Run("apply", "-q", file).Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_dry_run_makes_the_checks_of_the_real_run()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        box.MakeFile("root/file");
        string[] mounts =
        [
            "/nonexistent:/h", "none@snap:/h", "web@snap:/h", "none:/h:nocreate", "web:/file", "web:/h:subpath=no", $"{box.Root}:/b",
            .. Platform.IsFreeBSD ? (string[])[] : ["web:/h:idmap=/proc/1/ns/user"],
        ];
        foreach (var mount in mounts)
        {
            Same($$"""{ "version": 1, "roots": [ { "rootdir": "{{box.Root}}", "mounts": ["new:/n", "{{mount}}"] } ] }""");
        }

        Same("""{ "version": 1, "volumes": [ { "name": "policy", "snapshots": "daily:7" } ] }"""); // tmpfs shares no blocks
        box.Mount("-q", "web:/a", "db:/a/b").Ok();
        Same($$"""{ "version": 1, "roots": [ { "rootdir": "{{box.Root}}", "mounts": ["db:/a/b"] } ] }""", "--prune");

        void Same(string text, params string[] options)
        {
            var file = box.MakeFile("host.json", text);
            var state = box.State();
            var dry = box.Run(["apply", "-n", file, .. options]);
            Assert.True(dry.Exit != 0, $"{text}: {dry.Out}{dry.Err}");
            Assert.Equal(state, box.State());
            var real = box.Run(["apply", file, .. options]);
            Assert.Equal((text, real.Exit, real.Err, real.Out), (text, dry.Exit, dry.Err, dry.Out));
        }
    }

    private static (int Exit, string Out) Outcome(Result result, bool sorted = false) =>
        (result.Exit, sorted ? string.Concat(result.Lines.Order(StringComparer.Ordinal).Select(l => l + "\n")) : result.Out);

    private static string Packed(string json) => string.Concat(json.Where(c => !char.IsWhiteSpace(c)));

    [Fact]
    public void A_source_is_dumped_as_it_is_and_not_as_it_is_shown()
    {
        using var box = new Box();
        var (source, shown) = (box.MakeDir("n\nx"), box.MakeDir("n\\x0ax"));
        File.WriteAllText(source + "/f", "right");
        File.WriteAllText(shown + "/f", "wrong");
        box.Mount(source + ":/h").Ok();
        var file = box.MakeFile("host.json", box.Run("dump").Ok().Out);
        box.Umount().Ok();
        box.Run("apply", file).Ok();
        Assert.Equal("right", File.ReadAllText(box.Root + "/h/f"));
        Assert.Equal((0, ""), Outcome(box.Run("diff", file)));
    }

    // FreeBSD's table of mounts has the path of a source, which says nothing of the directory that was there.
    [Fact]
    [Trait("System", "Linux")]
    public void Another_directory_at_the_path_of_a_source_is_a_difference()
    {
        using var box = new Box();
        var source = box.MakeDir("src");
        box.Mount(source + ":/h").Ok();
        var file = box.MakeFile("host.json", box.Run("dump").Ok().Out);
        Directory.Move(source, box.Top + "/old");
        Sys.Mkdir(source);
        Assert.Equal((2, $"mount {box.Root} {source}:/h\n"), Outcome(box.Run("diff", file)));
        box.Run("apply", file).Refused(75, "/h", "umount ");
    }
}
