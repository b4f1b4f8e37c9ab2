using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>The owner that a SPEC chooses for the volume that its mount creates.</summary>
public class ChosenOwners
{
    [Theory]
    [InlineData("v:/data:owner=7:8", 7u, 8u)]
    [InlineData("v:/data:nosuid,owner=7:8,noexec", 7u, 8u)]
    [InlineData("v:/data:U=7", 7u, 0u)]
    [InlineData("v:/data:owner=0:0", 0u, 0u)]
    [InlineData("type=volume,source=v,destination=/data,owner=7:8", 7u, 8u)]
    public void It_is_that_of_the_new_volume_whatever_it_covers(string spec, uint uid, uint gid)
    {
        foreach (var hasContent in (bool[])[true, false])
        {
            using var box = new Box();
            new Tree(new Dir("data"), new Owner("data", 33, 44), new Mode("data", Convert.ToInt32("1770", 8))).Build(box.Root);
            if (hasContent)
            {
                new Tree(new Text("data/file"), new Owner("data/file", 3, 4)).Build(box.Root);
            }

            box.Mount(spec).Ok();
            Assert.Equal((uid, gid, Convert.ToInt32("1770", 8)), Who(box.Root + "/data"));
            Assert.True(!hasContent || Who(box.Root + "/data/file") is { Uid: 3, Gid: 4 });
            box.Mount(spec).Ok();
            Assert.Single(box.Mounts);
            box.Umount().Ok();
            Sys.Chown(box.Data("v"), 1, 2);
            box.Mount(spec).Ok(); // it is no new volume any more
            Assert.Equal((1u, 2u, Convert.ToInt32("1770", 8)), Who(box.Root + "/data"));
        }
    }

    [Fact]
    public void A_volume_that_exists_and_one_without_a_directory_to_cover()
    {
        using var box = new Box();
        box.Run("create", "old").Ok();
        box.Mount("old:/a:owner=7:8", "new:/b:owner=7:8").Ok();
        Assert.Equal((0u, 0u, Convert.ToInt32("755", 8)), Who(box.Root + "/a"));
        Assert.Equal((7u, 8u, Convert.ToInt32("755", 8)), Who(box.Root + "/b"));
        var file = box.MakeFile("host.json", box.Run("dump").Ok().Out);
        Assert.Empty(box.Run("diff", file).Ok().Out);
        Assert.Contains("owner=7:8", box.Run("dump").Ok().Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v:/data:owner=www")]
    [InlineData("v:/data:owner")]
    [InlineData("v:/data:U")]
    [InlineData("v:/data:owner=1:2:3")]
    [InlineData("v:/data:owner=1,U=1")]
    [InlineData("/host:/data:owner=1:2")]
    [InlineData("v:/data:nosuid:owner=1:2")]
    public void A_wrong_one_is_64(string spec)
    {
        using var box = new Box();
        box.Mount(spec).Refused(64);
        Assert.Empty(Sys.List(box.Root));
    }

    private static (uint Uid, uint Gid, int Mode) Who(string path)
    {
        var status = Sys.Stat(path);
        return (status.Uid, status.Gid, status.Mode & 0b111_111_111_111);
    }
}
