using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What a client of the plugin mounts stays as it is until it unmounts it, although kvol mounts nothing and nothing of kvol's
/// runs.</summary>
public class PluginHolds
{
    private static void Call(Box box, string call, string name, string? id = null)
    {
        using var link = new PluginLink(box);
        link.Call(call, new { Name = name, ID = id }).Ok();
    }

    [Fact]
    public void A_held_volume_is_neither_removed_nor_renamed_nor_rolled_back()
    {
        using var box = new Box();
        Call(box, "Create", "web");
        Call(box, "Mount", "web", "one");
        box.Run("rm", "web").Refused(75, "web", "one", "kvol detach plugin:one");
        box.Run("rm", "-f", "web").Refused(75, "web", "one");
        box.Run("rename", "web", "www").Refused(75, "web", "one");
        box.Run("prune", "-y", "--all").Ok();
        Assert.Equal(["web"], box.Volumes);
        using (var link = new PluginLink(box))
        {
            link.Call("Remove", new { Name = "web" }).Refused("web", "one", "kvol detach plugin:one");
        }

        Call(box, "Unmount", "web", "one");
        box.Run("rename", "web", "www").Ok();
        box.Run("rm", "www").Ok();
    }

    [Fact]
    public void Each_client_holds_it_for_itself()
    {
        using var box = new Box();
        Call(box, "Create", "web");
        Call(box, "Mount", "web", "one");
        Call(box, "Mount", "web", "two");
        Call(box, "Unmount", "web", "one");
        Call(box, "Unmount", "web", "one"); // again
        Call(box, "Unmount", "web", "three"); // never mounted it
        box.Run("rm", "web").Refused(75, "web", "two");
        Call(box, "Unmount", "web", "two");
        box.Run("rm", "web").Ok();
        Call(box, "Unmount", "web", "two"); // there is no such volume any more
        Assert.Empty(Sys.List(box.Store + "/used"));
    }

    [Fact]
    public void A_damaged_record_of_a_client_is_not_taken_for_the_end_of_its_holds()
    {
        using var box = new Box();
        Call(box, "Create", "a");
        Call(box, "Create", "b");
        Call(box, "Mount", "a", "podman");
        Call(box, "Mount", "b", "podman");
        var record = box.Top + "/run/holds/" + Sys.List(box.Top + "/run/holds").Single();
        Sys.Write(record, "{"u8.ToArray());
        Call(box, "Unmount", "a", "podman");
        box.Run("rm", "b").Refused(75, "b", record);
    }

    [Fact]
    public void A_client_that_mounts_twice_unmounts_twice()
    {
        // Docker mounts a volume again with the same id for 'docker cp', and unmounts it after that.
        using var box = new Box();
        Call(box, "Create", "web");
        Call(box, "Mount", "web", "one");
        Call(box, "Mount", "web", "one");
        Call(box, "Unmount", "web", "one");
        box.Run("rm", "web").Refused(75, "web", "one");
        Call(box, "Unmount", "web", "one");
        box.Run("rm", "web").Ok();
    }

    [Fact]
    public void One_client_holds_several_volumes()
    {
        // podman has one id for all its containers.
        using var box = new Box();
        foreach (var name in (string[])["a", "b"])
        {
            Call(box, "Create", name);
            Call(box, "Mount", name, "podman");
        }

        Call(box, "Unmount", "a", "podman");
        box.Run("rm", "a").Ok();
        box.Run("rm", "b").Refused(75, "b", "podman");
        box.Run("detach", "podman").Ok();
        box.Run("rm", "b").Ok();
    }

    [Fact]
    public void An_id_that_no_file_could_be_named_by_is_one_or_is_refused()
    {
        using var box = new Box();
        Call(box, "Create", "web");
        using var link = new PluginLink(box);
        foreach (var id in (string[])["../../x", "a b", "a\nb", "", ".", new string('x', 5000)])
        {
            link.Call("Mount", new { Name = "web", ID = id }).Refused();
        }

        var longest = new string('f', 64);
        link.Mount("web", longest);
        link.Call("Remove", new { Name = "web" }).Refused("web");
        link.Unmount("web", longest).Ok();
        link.Call("Remove", new { Name = "web" }).Ok();
    }

    [Fact]
    public void A_volume_that_a_client_may_write_to_is_not_seeded()
    {
        using var box = new Box();
        Call(box, "Create", "web");
        Call(box, "Mount", "web", "one");
        box.Shell("mkdir root/data; echo x >root/data/f").Ok();
        box.Mount("web:/data").Refused(75, "web", "kvol detach plugin:one");
        Call(box, "Unmount", "web", "one");
        box.Mount("web:/data").Ok();
        Assert.Equal(["f"], Sys.List(box.Data("web")).ToArray());
    }
}
