using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Docker and podman make, mount and remove volumes through the volume plugin protocol; each call does what a verb does.</summary>
public class Plugin
{
    [Fact]
    public void A_volume_is_made_mounted_and_removed_over_one_connection()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        Assert.Equal("VolumeDriver", link.Call("/Plugin.Activate").Ok().Json.GetProperty("Implements")[0].GetString());
        Assert.Equal("local", link.Call("Capabilities", new { }).Ok().Json.GetProperty("Capabilities").GetProperty("Scope").GetString());
        Assert.Empty(link.Call("List", new { }).Ok().Json.GetProperty("Volumes").EnumerateArray());
        link.Call("Get", new { Name = "web" }).Refused("web: no such volume");
        link.Call("Create", new { Name = "web", Opts = new { label = "tier=front", mode = "0750" } }).Ok();
        Assert.Equal("front", box.Inspect("web").GetProperty("labels").GetProperty("tier").GetString());
        Assert.Equal(System.Convert.ToInt32("750", 8), Sys.Stat(box.Data("web")).Mode);
        var volume = link.Call("Get", new { Name = "web" }).Ok().Json.GetProperty("Volume");
        Assert.Equal("web", volume.GetProperty("Name").GetString());
        Assert.Equal(box.Data("web"), volume.GetProperty("Mountpoint").GetString());
        Assert.Equal(box.Inspect("web").GetProperty("created").GetString(), volume.GetProperty("CreatedAt").GetString());
        Assert.Equal("empty", volume.GetProperty("Status").GetProperty("state").GetString());
        Assert.Equal("front", volume.GetProperty("Status").GetProperty("labels").GetProperty("tier").GetString());
        Assert.Equal(box.Data("web"), link.Call("Path", new { Name = "web" }).Ok().Json.GetProperty("Mountpoint").GetString());
        Assert.Equal(box.Data("web"), link.Mount("web", "one"));
        Assert.Equal(["web"], link.Call("List").Ok().Json.GetProperty("Volumes").EnumerateArray()
            .Select(v => v.GetProperty("Name").GetString()!));
        link.Unmount("web", "one").Ok();
        link.Call("Remove", new { Name = "web" }).Ok();
        Assert.Empty(box.Volumes);
        link.Call("Remove", new { Name = "web" }).Refused("web: no such volume");
        link.EndInput();
        Assert.Equal("", link.ReadRest());
        Assert.Equal(0, link.Wait());
        Assert.Equal("", link.ErrorText);
    }

    [Fact]
    public void Mount_and_Path_make_no_volume_and_no_store()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        foreach (var call in (string[])["Mount", "Path", "Get", "Remove"])
        {
            link.Call(call, new { Name = "web", ID = "one" }).Refused("web: no such volume");
        }

        link.Unmount("web", "one").Ok();
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void The_same_options_again_are_a_success_and_others_are_not()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        var options = new { owner = "80:81", mode = "0700", label = "a=b" };
        link.Call("Create", new { Name = "web", Opts = options }).Ok();
        link.Call("Create", new { Name = "web", Opts = options }).Ok();
        link.Call("Create", new { Name = "web" }).Ok();
        link.Call("Create", new { Name = "web", Opts = new { label = "a=c" } }).Refused("web: already exists", "kvol set web label.a=c");
        link.Call("Create", new { Name = "web", Opts = new { mode = "0755" } }).Refused("web: already exists", "chmod");
        link.Call("Create", new { Name = "web", Opts = new { size = "1G" } }).Refused("size: unknown option");
        link.Call("Create", new { Name = "../x" }).Refused("../x");
        link.Call("Create", new { Opts = options }).Refused("Name is missing");
        Assert.Equal(["web"], box.Volumes);
        Assert.Equal("b", box.Inspect("web").GetProperty("labels").GetProperty("a").GetString());
    }

    [Fact]
    public void What_a_volume_holds_is_there_when_a_client_mounts_it()
    {
        using var box = new Box();
        box.Shell("mkdir root/data; echo x >root/data/f").Ok();
        box.Mount("web:/data").Ok();
        using var link = new PluginLink(box);
        var path = link.Mount("web", "one");
        Assert.Equal("x\n", File.ReadAllText(path + "/f"));
        Assert.Equal("ready", link.Call("Get", new { Name = "web" }).Ok().Json.GetProperty("Volume").GetProperty("Status")
            .GetProperty("state").GetString());
        link.Call("Remove", new { Name = "web" }).Refused("web: ");
        link.Unmount("web", "one").Ok();
        link.Call("Remove", new { Name = "web" }).Refused("web: is mounted on " + box.Root + "/data");
    }

    [Fact]
    public void A_removed_volume_is_kept_as_the_configuration_says()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "trash = 7d\n");
        using var link = new PluginLink(box);
        link.Call("Create", new { Name = "web" }).Ok();
        File.WriteAllText(link.Mount("web", "one") + "/f", "kept");
        link.Unmount("web", "one").Ok();
        link.Call("Remove", new { Name = "web" }).Ok();
        box.Run("undelete", "web").Ok();
        Assert.Equal("kept", File.ReadAllText(box.Data("web") + "/f"));
    }

    [Fact]
    public void A_seeding_that_was_interrupted_is_finished_first()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Sys.Mkdir(Path.GetDirectoryName(box.Data("web")) + "/.seeding"); // as a kill leaves it
        using var link = new PluginLink(box);
        link.Call("Mount", new { Name = "web", ID = "one" }).Refused("web: its seeding was interrupted", "kvol gc");
        Assert.True(Sys.Exists(Path.GetDirectoryName(box.Data("web")) + "/.seeding"));
        box.Run("gc").Ok();
        link.Mount("web", "one");
    }

    [Fact]
    public void A_client_does_not_wait_for_a_lock_longer_than_for_its_answer()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        using var holder = box.StartShell("exec flock -x store/locks/web sh -c 'echo >held; exec sleep 30'");
        while (!Sys.Exists(box.Top + "/held"))
        {
            Thread.Sleep(10);
        }

        using var link = new PluginLink(box);
        link.Call("Mount", new { Name = "web", ID = "one" }).Refused("web: locked by ");
        link.Unmount("web", "one").Ok(); // waits for nobody
    }

    [Fact]
    public void A_damaged_volume_is_named_and_the_others_are_listed()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        box.Run("create", "b").Ok();
        File.WriteAllText(box.Metadata("a"), "{");
        using var link = new PluginLink(box);
        Assert.Equal("b", link.Call("List").Ok().Json.GetProperty("Volumes").EnumerateArray().Single().GetProperty("Name").GetString());
        link.Call("Mount", new { Name = "a", ID = "one" }).Refused("volume.json");
        link.EndInput();
        Assert.Equal(0, link.Wait());
        Assert.Contains("volume.json", link.ErrorText);
    }

    [Fact]
    public void A_wrong_configuration_is_told_to_the_client()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "colour = blue\n");
        using var link = new PluginLink(box);
        link.Call("/Plugin.Activate").Refused("colour");
        link.EndInput();
        Assert.Equal(78, link.Wait());
        Assert.Contains("colour", link.ErrorText);
    }

    [Fact]
    public void A_hundred_clients_at_once_get_their_volumes()
    {
        using var box = new Box();
        box.Run("create", "shared").Ok();
        Parallel.For(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 100 }, i =>
        {
            using var link = new PluginLink(box, "--wait", "120");
            var own = "v" + i;
            link.Call("/Plugin.Activate").Ok();
            link.Call("Create", new { Name = own }).Ok();
            link.Call("Create", new { Name = "late" }).Ok(); // all of them make this one
            File.WriteAllText(link.Mount(own, own) + "/f", own);
            File.WriteAllText(link.Mount("shared", own) + "/" + own, own);
            link.Unmount(own, own).Ok();
            link.Call("Remove", new { Name = own }).Ok();
            link.EndInput();
            Assert.Equal(0, link.Wait());
        });
        Assert.Equal(["late", "shared"], box.Volumes.Order());
        Assert.Equal(100, Sys.List(box.Data("shared")).Count);
        using var last = new PluginLink(box);
        for (var i = 0; i < 100; i++)
        {
            last.Call("Remove", new { Name = "shared" }).Refused("shared: is held by ");
            last.Unmount("shared", "v" + i).Ok();
        }

        last.Call("Remove", new { Name = "shared" }).Ok();
    }
}
