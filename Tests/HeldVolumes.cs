using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A volume that a container or a plugin client uses without a mount of kvol's is in use all the same.</summary>
public class HeldVolumes
{
    private const string Client = "9af3c0";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nobody_takes_away_what_is_held(bool readOnly)
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.MakeFile("store/volumes/v/data/file");
        // The stand-in for FreeBSD shares no blocks, which snapshots need.
        string[][] rollback = Platform.IsFreeBSD ? [] : [["rollback", "v@s"]];
        if (rollback.Length > 0)
        {
            box.Run("snapshot", "v@s").Ok();
        }

        Hold(box, Client, null, readOnly, "v");
        foreach (var command in (string[][])
            [["rm", "v"], ["rm", "-f", "v"], ["rm", "--keep", "1000", "v"], ["rename", "v", "w"], .. rollback,
                ["release", "v", box.Top + "/out"]])
        {
            box.Run(command).Refused(75, "v: is held by client 9af3c0 of the volume plugin", "kvol detach plugin:9af3c0");
        }

        Assert.Equal("", box.Run("prune", "--all", "-y").Ok().Out);
        Assert.Equal(["v"], box.Run("ls", "-q", "--filter", "mounted=true").Ok().Lines);
        Assert.Empty(box.Run("ls", "-q", "--filter", "unused=0s").Ok().Lines);
        var held = box.Inspect("v").GetProperty("mountpoints")[0];
        Assert.Equal($"plugin v {Client} {readOnly}", $"{held.GetProperty("type").GetString()} {held.GetProperty("source").GetString()} "
            + $"{held.GetProperty("jail").GetString()} {held.GetProperty("read_only").GetBoolean()}");
        Assert.Contains($"plugin\tv\t{(readOnly ? "ro" : "rw")}\t{Client}\t{box.Data("v")}", box.Run("mounts", "-H").Ok().Out,
            StringComparison.Ordinal);
        Assert.Empty(box.Run("gc").Ok().Out); // a client without a root directory may still be there

        var said = box.Run("detach", Client).Ok();
        Assert.Equal("kvol: v: no longer held by client 9af3c0 of the volume plugin\n", said.Err);
        Assert.Empty(Sys.List(box.Top + "/run/holds"));
        Assert.Contains("nothing was done", box.Run("detach", Client).Ok().Err, StringComparison.Ordinal);
        box.Run("rename", "v", "w").Ok();
        box.Run("rm", "-f", "w").Ok();
    }

    [Fact]
    public void Only_a_writable_hold_forbids_to_seed()
    {
        using var box = new Box();
        box.MakeDir("root/srv");
        box.MakeFile("root/srv/file");
        box.Run("create", "a").Ok();
        box.Run("create", "b").Ok();
        Hold(box, Client, null, readOnly: false, "a");
        Hold(box, "reader", null, readOnly: true, "b");
        box.Mount("a:/srv").Refused(75, "a: is held by client 9af3c0");
        box.Run("seed", "b", box.Root + "/srv").Refused(75, "b: is held by client reader");
        box.Mount("b:/srv").Ok();
        Assert.True(Sys.Exists(box.Data("b") + "/file"));
    }

    [Fact]
    public void A_hold_ends_with_the_root_directory_of_its_container_and_gc_removes_it()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var root = box.MakeDir("bundle");
        Hold(box, "c0ffee", root, readOnly: false, "v");
        box.Run("rm", "v").Refused(75, $"v: is held by the container in {root}", "kvol detach oci:c0ffee");
        Directory.Delete(root);
        Assert.Empty(box.Run("ls", "-q", "--filter", "mounted=true").Ok().Lines);
        Assert.Contains("v: would be no longer held", box.Run("gc", "-n").Ok().Out, StringComparison.Ordinal);
        Assert.Equal($"v: is no longer held by the container in {root}, which is gone\n", box.Run("gc").Ok().Out);
        Assert.Empty(Sys.List(box.Top + "/run/holds"));
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void A_hold_of_an_earlier_boot_does_not_count()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Hold(box, Client, null, readOnly: false, "v", boot: "another");
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(box.Top + "/run/holds"));
        Hold(box, Client, null, readOnly: false, "v", boot: "another");
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void A_damaged_record_may_be_of_any_volume_and_doctor_says_what_to_do()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Hold(box, Client, null, readOnly: false, "v");
        var record = box.Top + "/run/holds/" + Sys.List(box.Top + "/run/holds").Single();
        File.WriteAllText(record, "{\"boot\"");
        box.Run("rm", "v").Refused(75, "v: may be in use", record);
        box.Run("ls").Ok();
        box.Run("gc").Ok();
        var line = box.Run("doctor").Lines.Single(l => l.StartsWith("BAD  run record: " + record, StringComparison.Ordinal));
        box.Shell(line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]).Ok();
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void One_id_of_two_holders_is_ambiguous()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Hold(box, "www", null, readOnly: false, "v");
        Hold(box, "www", box.MakeDir("bundle"), readOnly: false, "v");
        box.Run("detach", "www").Refused(64, "kvol detach oci:www; ", "kvol detach plugin:www");
        box.Run("detach", "oci:www").Ok();
        box.Run("rm", "v").Refused(75, "client www");
        box.Run("detach", "www").Ok();
        box.Run("rm", "v").Ok();
    }

    [Fact]
    public void The_proposed_command_ends_the_hold_and_not_the_jail_of_the_same_name()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Hold(box, "www", null, readOnly: false, "v");
        box.Run("attach", "www", box.Root, "w:/w").Ok();
        box.Run("rm", "v").Refused(75, "kvol detach plugin:www");
        box.Run("detach", "www").Refused(64, $"kvol detach www {box.Root}; ", "kvol detach plugin:www");
        box.Run("detach", "plugin:www").Ok();
        Assert.Single(box.Mounts);
        box.Run("rm", "v").Ok();
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void An_id_that_looks_like_a_container_is_still_that_of_a_client()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        Hold(box, "oci:c0ffee", null, readOnly: false, "v");
        Hold(box, "c0ffee", box.MakeDir("bundle"), readOnly: false, "w");
        box.Run("rm", "v").Refused(75, "kvol detach plugin:oci:c0ffee");
        Assert.Contains("w: no longer held by the container", box.Run("detach", "oci:c0ffee").Ok().Err, StringComparison.Ordinal);
        Assert.Contains("nothing was done", box.Run("detach", "oci:c0ffee").Ok().Err, StringComparison.Ordinal);
        box.Run("rm", "v").Refused(75, "client oci:c0ffee");
        box.Run("detach", "plugin:oci:c0ffee").Ok();
        box.Run("rm", "v", "w").Ok();
    }

    // Written as kvol writes it; the tests of containers take holds through kvol.
    private static void Hold(Box box, string id, string? root, bool readOnly, string volume, string? boot = null)
    {
        box.Mount("boot:/boot").Ok();
        var record = File.ReadAllText(box.Top + "/run/roots/" + Sys.List(box.Top + "/run/roots").First());
        boot ??= JsonDocument.Parse(record).RootElement.GetProperty("boot").GetString();
        box.Umount().Ok();
        box.Run("rm", "boot").Ok();
        var store = JsonDocument.Parse(File.ReadAllText(box.Store + "/store.json")).RootElement.GetProperty("id").GetString();
        box.Shell("mkdir -p -m 700 run/holds").Ok();
        var kind = root is null ? "plugin" : "oci";
        File.WriteAllText($"{box.Top}/run/holds/{kind}-{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(id))}.json",
            JsonSerializer.Serialize(new
            {
                boot,
                root,
                mount = (string?)null,
                volumes = new[]
                {
                    new
                    {
                        store,
                        name = volume,
                        read_only = readOnly,
                        path = root is null ? box.Data(volume) : root + "/srv",
                        destination = root is null ? null : "/srv",
                    },
                },
            }));
    }
}
