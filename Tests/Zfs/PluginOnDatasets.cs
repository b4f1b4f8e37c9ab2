using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The volumes of a ZFS store are served to Docker and podman by the mountpoints of their datasets.</summary>
[Trait("Needs", "Machine")]
public class PluginOnDatasets
{
    private static Reply Call(ZfsBox box, string call, string body)
    {
        var answer = box.Shell($"printf 'POST /VolumeDriver.{call} HTTP/1.0\\r\\nContent-Length: {body.Length}\\r\\n\\r\\n%s' '{body}' "
            + "| $KVOL plugin").Ok().Out;
        return new Reply(int.Parse(answer.Split(' ')[1]), new System.Collections.Generic.Dictionary<string, string>(),
            answer.Split("\r\n\r\n", 2)[1]);
    }

    [Fact]
    public void Options_are_properties_of_the_dataset_and_compared_as_ZFS_has_them()
    {
        using var box = new ZfsBox();
        const string Options = """{"Name":"web","Opts":{"quota":"64M","recordsize":"16K","compression":"zstd","label.tier":"front"}}""";
        Call(box, "Create", Options).Ok();
        Assert.Equal("67108864", box.Get("refquota", $"{box.Pool}/kvol/volumes/web"));
        Assert.Equal("16384", box.Get("recordsize", $"{box.Pool}/kvol/volumes/web"));
        Call(box, "Create", Options.Replace("16K", "16384")).Ok();
        Call(box, "Create", Options.Replace("16K", "32K")).Refused("web: already exists", "recordsize=32K");
        var volume = Call(box, "Get", """{"Name":"web"}""").Ok().Json.GetProperty("Volume");
        Assert.Equal($"{box.Pool}/kvol/volumes/web", volume.GetProperty("Status").GetProperty("dataset").GetString());
        Assert.Equal(64 << 20, volume.GetProperty("Status").GetProperty("quota").GetInt64());
        Assert.Equal(JsonValueKind.Number, volume.GetProperty("Status").GetProperty("used").ValueKind);
        Assert.Equal(box.Get("mountpoint", $"{box.Pool}/kvol/volumes/web"),
            Call(box, "Mount", """{"Name":"web","ID":"one"}""").Ok().Json.GetProperty("Mountpoint").GetString());
        box.Kvol("rm", "web").Refused(75, "web: is held by", "kvol detach plugin:one");
        Call(box, "Unmount", """{"Name":"web","ID":"one"}""").Ok();
        Call(box, "Remove", """{"Name":"web"}""").Ok();
    }

    [Fact]
    public void A_dataset_that_is_not_mounted_has_no_path_and_is_mounted_for_a_client()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web; zfs unmount $V/web").Ok();
        Call(box, "Path", """{"Name":"web"}""").Refused("web: its dataset is not mounted", $"zfs mount {box.Pool}/kvol/volumes/web");
        Assert.Equal("", Call(box, "Get", """{"Name":"web"}""").Ok().Json.GetProperty("Volume").GetProperty("Mountpoint").GetString());
        Call(box, "Mount", """{"Name":"web","ID":"one"}""").Ok();
        Assert.Equal("yes", box.Get("mounted", $"{box.Pool}/kvol/volumes/web"));
    }

    [Fact]
    public void Without_its_key_a_dataset_is_not_mounted_and_the_way_out_is_said()
    {
        using var box = new ZfsBox();
        box.Shell("head -c 32 /dev/zero >$T/key; $KVOL create --encrypt --key-file $T/key web && $KVOL unload-key web").Ok();
        Call(box, "Mount", """{"Name":"web","ID":"one"}""").Refused("web", "kvol load-key");
        Call(box, "Path", """{"Name":"web"}""").Refused("web");
    }

    [Fact]
    public void An_open_seeding_is_left_to_gc()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web; zfs set kvol:seeding=open $V/web").Ok();
        Call(box, "Mount", """{"Name":"web","ID":"one"}""").Refused("web: its seeding was interrupted", "kvol gc");
        box.Kvol("gc").Ok();
        Call(box, "Mount", """{"Name":"web","ID":"one"}""").Ok();
    }
}
