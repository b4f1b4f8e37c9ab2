using System;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Two stores have a volume of the same name, both mounted in one root directory: each store knows its own.</summary>
public class TwoStores
{
    [Fact]
    public void Each_shows_the_mounts_of_its_own_volume()
    {
        using var box = Both();
        foreach (var (store, place) in ((string, string)[])[(box.Store, "/a"), (Other(box), "/b")])
        {
            Assert.Equal("1", box.Run("--root", store, "ls", "-H").Ok().Lines.Single().Split('\t')[2]);
            var mount = JsonDocument.Parse(box.Run("--root", store, "inspect", "v").Ok().Out).RootElement[0].GetProperty("mountpoints")
                .EnumerateArray().Single();
            Assert.Equal(box.Root + place, mount.GetProperty("path").GetString());
        }
    }

    [Fact]
    public void The_volume_of_the_other_store_is_listed_by_its_path()
    {
        using var box = Both();
        var mounts = JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement.EnumerateArray()
            .ToDictionary(m => m.GetProperty("path").GetString()!, m => m.GetProperty("source").GetString());
        Assert.Equal(("v", Other(box) + "/volumes/v/data"), (mounts[box.Root + "/a"], mounts[box.Root + "/b"]));
    }

    [Fact]
    public void Filters_rm_and_prune_ask_about_their_own_volume()
    {
        using var box = Both();
        Sys.Write(box.Root + "/b/precious", []);
        box.Run("umount", box.Root, "/a").Ok();
        Assert.Equal(["v"], box.Run("ls", "-q", "--filter", "mounted=false").Ok().Lines);
        Assert.Empty(box.Run("--root", Other(box), "ls", "-q", "--filter", "mounted=false").Ok().Lines);
        Assert.Equal(["v"], box.Run("--root", Other(box), "ls", "-q", "--filter", "mounted=true").Ok().Lines);
        box.Run("--root", Other(box), "prune", "--all", "-y").Ok();
        box.Run("--root", Other(box), "rm", "v").Refused(75, "v", box.Root + "/b");
        Assert.Equal("v\n", box.Run("rm", "v").Ok().Out);
        Assert.True(Sys.Exists(box.Root + "/b/precious"));
    }

    [Fact]
    public void Forced_removal_unmounts_its_own_volume_only()
    {
        using var box = Both();
        box.Run("rm", "-f", "v").Ok();
        Assert.Equal([box.Root + "/b"], box.Mounts.Select(m => m.Target));
    }

    [Fact]
    public void A_new_volume_is_seeded_although_the_other_store_mounted_its_namesake()
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/a");
        Sys.Write(box.Root + "/a/file", []);
        box.Run("--root", Other(box), "mount", box.Root, "v:/b").Ok();
        box.Mount("v:/a").Ok();
        Assert.True(Sys.Exists(box.Data("v") + "/file"));
    }

    private static string Other(Box box) => box.Top + "/other";

    private static Box Both()
    {
        var box = new Box();
        box.Mount("v:/a").Ok();
        box.Run("--root", Other(box), "mount", box.Root, "v:/b").Ok();
        return box;
    }
}
