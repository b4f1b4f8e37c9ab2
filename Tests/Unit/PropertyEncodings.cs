using System.Linq;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Properties of datasets as the kernel wants them. The numbers are those of OpenZFS, include/sys/fs/zfs.h and
/// sys/zio_compress.h.</summary>
public class PropertyEncodings
{
    [Theory]
    [InlineData("compression=lz4", 15UL)]
    [InlineData("compression=gzip-9", 13UL)]
    [InlineData("compression=zstd", 16UL)]
    [InlineData("compression=zstd-3", 16UL | (3 << 7))]
    [InlineData("compression=zstd-19", 16UL | (19 << 7))]
    [InlineData("compression=zstd-fast", 16UL | (103 << 7))]
    [InlineData("compression=zstd-fast-1000", 16UL | (123 << 7))]
    [InlineData("atime=off", 0UL)]
    [InlineData("readonly=on", 1UL)]
    [InlineData("quota=1G", 1UL << 30)]
    [InlineData("refquota=none", 0UL)]
    [InlineData("filesystem_limit=none", ulong.MaxValue)]
    [InlineData("recordsize=128K", 131072UL)]
    [InlineData("recordsize=512", 512UL)]
    [InlineData("special_small_blocks=0", 0UL)]
    public void A_choice_or_a_size_is_a_number(string option, ulong number)
    {
        Assert.Equal(number, Assert.Single(PropertyEncoding.Parse([option])).Value);
    }

    [Theory]
    [InlineData("mountpoint=/a b", "/a b")]
    [InlineData("mountpoint=legacy", "legacy")]
    [InlineData("org.example:note=a=b", "a=b")]
    [InlineData("org.example:empty=", "")]
    public void Anything_else_is_a_text(string option, string text)
    {
        Assert.Equal(text, Assert.Single(PropertyEncoding.Parse([option])).Value);
    }

    [Theory]
    [InlineData("compression")]
    [InlineData("=on")]
    [InlineData("compression=fast")]
    [InlineData("atime=yes")]
    [InlineData("quota=lots")]
    [InlineData("recordsize=0")]
    [InlineData("recordsize=100K")]
    [InlineData("recordsize=256")]
    [InlineData("recordsize=32M")]
    [InlineData("mountpoint=relative")]
    [InlineData("kvol:seed=x")]
    [InlineData("Org:note=x")]
    [InlineData("used=1")]
    [InlineData("Compression=lz4")]
    public void A_wrong_one_is_64_and_named(string option)
    {
        var failure = Assert.Throws<KvolException>(() => PropertyEncoding.Parse([option]));
        Assert.Equal(ExitStatus.Usage, failure.Status);
        Assert.StartsWith("-o " + option.Split('=')[0], failure.Message);
    }

    [Fact]
    public void A_property_is_given_once()
    {
        Assert.Contains("given twice", Assert.Throws<KvolException>(() => PropertyEncoding.Parse(["atime=on", "atime=off"])).Message);
        Assert.Equal(["atime", "quota"], PropertyEncoding.Parse(["quota=1", "atime=on"]).Keys);
    }

    [Theory]
    [InlineData("compression", 15UL, "lz4")]
    [InlineData("compression", 16UL | (103 << 7), "zstd-fast-1")]
    [InlineData("compression", 9999UL, "9999")]
    [InlineData("atime", 0UL, "off")]
    [InlineData("copies", 2UL, "2")]
    [InlineData("recordsize", 131072UL, "131072")]
    public void A_number_is_shown_by_the_name_that_zfs_has_for_it(string property, ulong number, string text)
    {
        Assert.Equal(text, PropertyEncoding.Text(property, number));
    }

    [Fact]
    public void Every_level_of_compression_has_a_number_of_its_own()
    {
        string[] levels = ["lzjb", "zle", "lz4", "zstd", .. Enumerable.Range(1, 5).Select(i => $"gzip-{i}"),
            "gzip", .. Enumerable.Range(7, 3).Select(i => $"gzip-{i}"),
            .. Enumerable.Range(1, 19).Select(i => $"zstd-{i}"), "zstd-fast-1", "zstd-fast-10", "zstd-fast-100", "zstd-fast-500"];
        var numbers = levels.Select(l => (ulong)PropertyEncoding.Parse([$"compression={l}"])["compression"]).ToArray();
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.Equal(levels, numbers.Select(n => PropertyEncoding.Text("compression", n)));
    }
}
