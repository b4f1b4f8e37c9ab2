using System.IO;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>get, set and df.</summary>
public class Properties
{
    [Fact]
    public void Labels_are_set_shown_and_taken_away()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=1").Ok();
        box.Run("set", "v", "label.b=two words", "label.c==").Ok();
        Assert.Equal("v\tlabel.a\t1\nv\tlabel.b\ttwo words\nv\tlabel.c\t=\n", box.Run("get", "-H", "v").Ok().Out);
        box.Run("set", "v", "label.a=").Ok();
        Assert.Equal("v\tlabel.c\t=\nv\tlabel.a\t-\nv\tquota\t-\n", box.Run("get", "-H", "v", "label.c", "label.a", "quota").Ok().Out);
        Assert.Equal("two words",
            JsonDocument.Parse(box.Run("get", "--json", "v").Ok().Out).RootElement.GetProperty("label.b").GetString());
        Assert.Equal("two words", box.Inspect("v").GetProperty("labels").GetProperty("b").GetString());
    }

    [Fact]
    public void All_are_set_or_none()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var before = File.ReadAllText(box.Metadata("v"));
        box.Run("set", "v", "label.a=1", "quota=10G").Refused(69, "quota", "does not support quotas");
        box.Run("set", "v", "label.a=1", "compression=zstd").Refused(69, "compression", "ZFS");
        box.Run("set", "v", "label.a=1", "label.B=1").Refused(64, "label.B");
        box.Run("set", "v", "label.a=1", "nonsense=1").Refused(64, "nonsense");
        box.Run("set", "v", "label.a").Refused(64, "label.a");
        box.Run("set", "v", "label.a=" + new string('x', 1025)).Refused(64, "label.a");
        box.Run("set", "none", "label.a=1").Refused(66, "none");
        box.Run("get", "none").Refused(66, "none");
        box.Run("get", "v", "nonsense").Refused(64, "nonsense");
        Assert.Equal(before, File.ReadAllText(box.Metadata("v")));
    }

    [Fact]
    public void Df_tells_what_is_allocated_what_it_looks_like_and_what_is_left()
    {
        using var box = new Box("ext4");
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        new Tree(new Noise("f", 1 << 20), new HardLink("g", "f"), new Sparse("s", 100 << 20, 0, 4096)).Build(box.Data("v"));
        Tool.Run("sync");
        var fields = box.Run("df", "-H", "v").Ok().Out.Trim().Split('\t');
        Assert.InRange(long.Parse(fields[1]), 1 << 20, 2 << 20);
        Assert.Equal(((1L << 20) + (100 << 20)).ToString(), fields[2]);
        Assert.InRange(long.Parse(fields[7]), 1 << 20, 256L << 20);
        Assert.Equal(2, JsonDocument.Parse(box.Run("df", "--json").Ok().Out).RootElement.GetArrayLength());
        Assert.StartsWith("NAME", box.Run("df").Ok().Out);
        box.Run("df", "none").Refused(66, "none");
        Assert.Equal(1, box.Run("df", "v", "none").Exit);
    }
}
