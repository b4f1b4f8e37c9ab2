using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class Prune
{
    [Fact]
    public void Without_a_terminal_and_without_yes_nothing_is_removed()
    {
        using var box = new Box();
        var name = box.Run("create").Ok().Out.Trim();
        Assert.Equal(64, box.Run("prune").Exit);
        Assert.Equal([name], box.Volumes);
    }

    [Fact]
    public void Only_unused_volumes_created_without_a_name_go()
    {
        using var box = new Box();
        var unused = box.Run("create").Ok().Out.Trim();
        var used = box.Run("create").Ok().Out.Trim();
        box.Run("create", "named").Ok();
        box.Run("create", "0123456789ab").Ok();
        box.Mount(used + ":/used").Ok();
        Assert.Contains(unused, box.Run("prune", "-y").Ok().Out, StringComparison.Ordinal);
        Assert.Equal(new[] { used, "named", "0123456789ab" }.Order(), box.Volumes.Order());
    }

    [Fact]
    public void A_dry_run_lists_and_changes_nothing()
    {
        using var box = new Box();
        var name = box.Run("create").Ok().Out.Trim();
        Assert.Contains(name, box.Run("prune", "-n").Ok().Out, StringComparison.Ordinal);
        Assert.Equal([name], box.Volumes);
    }

    [Fact]
    [Trait("System", "Linux")] // the stand-in cannot clone files, so it has no snapshots
    public void A_dry_run_refuses_what_the_real_run_refuses()
    {
        using var box = new Box("xfs");
        var name = box.Run("create").Ok().Out.Trim();
        box.Run("snapshot", name + "@s").Ok();
        var dry = box.Run("prune", "-n").Refused(75, name, "1 snapshot");
        var real = box.Run("prune", "-y").Refused(75);
        Assert.Equal((real.Out, real.Err), (dry.Out, dry.Err));
        box.Run("create").Ok();
        Assert.Single(box.Run("prune", "-n").Refused(1, name).Lines);
        Assert.Equal(2, box.Volumes.Length);
    }

    [Fact]
    public void All_takes_named_ones_but_never_one_labelled_keep_or_mounted()
    {
        using var box = new Box();
        box.Run("create", "plain").Ok();
        box.Run("create", "kept", "-l", "keep=1").Ok();
        box.Run("create", "used").Ok();
        box.Mount("used:/used").Ok();
        box.Run("prune", "--all", "-y").Ok();
        Assert.Equal(["kept", "used"], box.Volumes.Order());
    }

    [Fact]
    public void One_that_cannot_be_read_is_told_and_the_others_go()
    {
        using var box = new Box();
        box.Run("create", "damaged").Ok();
        box.Run("create", "plain").Ok();
        System.IO.File.WriteAllText(box.Metadata("damaged"), "[]");
        box.Run("prune", "--all", "-n").Refused(1, "damaged", "volume.json");
        var result = box.Run("prune", "--all", "-y").Refused(1, "damaged", "volume.json");
        Assert.Equal("plain\n", result.Out);
        Assert.True(Sys.Exists(box.Data("damaged")));
    }

    [Fact]
    public void A_filter_narrows()
    {
        using var box = new Box();
        box.Run("create", "a", "-l", "t=1").Ok();
        box.Run("create", "b", "-l", "t=2").Ok();
        box.Run("prune", "--all", "-y", "--filter", "label=t=1").Ok();
        Assert.Equal(["b"], box.Volumes);
    }

    [Fact]
    public void With_nothing_to_do_it_succeeds()
    {
        using var box = new Box();
        box.Run("prune", "-y").Ok();
        Assert.False(Sys.Exists(box.Store));
    }
}
