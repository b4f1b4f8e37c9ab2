using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A source with file systems mounted below it.</summary>
public class Recursive
{
    [Fact]
    public void Without_recursive_what_is_left_out_is_named_on_stderr()
    {
        using var box = With();
        var result = box.Mount(box.Top + "/src:/d").Ok();
        Assert.Single(box.Mounts);
        Assert.Contains("sub", result.Err, StringComparison.Ordinal);
        Assert.False(Sys.Exists(box.Root + "/d/sub/inside"));
    }

    [Fact]
    public void With_recursive_every_file_system_is_mounted_with_the_same_options()
    {
        using var box = With();
        box.Mount(box.Top + "/src:/d:recursive,ro,nosuid").Ok();
        Assert.Equal([box.Root + "/d", box.Root + "/d/sub", box.Root + "/d/sub/deep"], box.Mounts.Select(m => m.Target));
        Assert.All(box.Mounts, m => Assert.True(m.Has("ro") && m.Has("nosuid"), m.Target));
        Assert.True(Sys.Exists(box.Root + "/d/sub/deep/bottom"));
        Assert.All(MountInfo.Below(box.Top + "/src"), m => Assert.False(m.Has("ro"), m.Target));
    }

    [Fact]
    public void Umount_takes_them_all_and_again_is_success()
    {
        using var box = With();
        box.Mount(box.Top + "/src:/d:recursive").Ok();
        box.Mount(box.Top + "/src:/d:recursive").Ok();
        Assert.Equal(3, box.Mounts.Count);
        box.Umount("/d").Ok();
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        Assert.Equal(2, MountInfo.Below(box.Top + "/src").Count);
        box.Umount().Ok();
    }

    private static Box With()
    {
        var box = new Box();
        Sys.Mkdir(box.Top + "/src");
        Sys.Mkdir(box.Top + "/src/sub");
        Sys.Mount("tmpfs", box.Top + "/src/sub", "tmpfs", 0);
        Sys.Write(box.Top + "/src/sub/inside", []);
        Sys.Mkdir(box.Top + "/src/sub/deep");
        Sys.Mount("tmpfs", box.Top + "/src/sub/deep", "tmpfs", 0);
        Sys.Write(box.Top + "/src/sub/deep/bottom", []);
        return box;
    }
}
