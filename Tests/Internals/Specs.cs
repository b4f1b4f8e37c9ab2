using System;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Internals;

/// <summary>The parsers, where a process for each case would be slow.</summary>
public class Specs
{
    [Theory]
    [InlineData("v:/d", "v", null, "/d")]
    [InlineData("v://d//e/", "v", null, "/d/e")]
    [InlineData("v:/./d/.", "v", null, "/d")]
    [InlineData("v:/a\\:b", "v", null, "/a:b")]
    [InlineData("/s\\:t:/d", null, "/s:t", "/d")]
    [InlineData("/s/../t:/d", null, "/t", "/d")]
    [InlineData("v:/a\\b", "v", null, "/a\\b")]
    [InlineData("v:/..x", "v", null, "/..x")]
    [InlineData("v:/a=b,c", "v", null, "/a=b,c")]
    [InlineData("type=volume,source=v,destination=/d", "v", null, "/d")]
    [InlineData("source=/s,destination=/d", null, "/s", "/d")]
    public void A_spec_is_parsed_once(string text, string? volume, string? host, string destination)
    {
        var spec = MountSpec.Parse(text);
        Assert.Equal((volume, host, destination), (spec.Volume?.Text, spec.HostPath, spec.Destination));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v:/a/..")]
    [InlineData("v:/a/../../b")]
    [InlineData("v:/d:subpath=/abs")]
    [InlineData("v:/d:subpath=a/..")]
    [InlineData("v:/d:ro=maybe")]
    [InlineData("/s:/d:nocopy")]
    [InlineData("type=volume,type=bind,source=v,destination=/d")]
    public void A_wrong_one_is_64(string text)
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => MountSpec.Parse(text)).Status);
    }

    [Theory]
    [InlineData("16E")]
    [InlineData("99999999999999999999E")]
    [InlineData("79228162514264337593543950335K")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("")]
    public void A_size_that_is_none_or_too_large_is_64(string text)
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Size.Parse("quota", text)).Status);
    }

    [Fact]
    public void Random_names_are_valid_and_differ()
    {
        var (a, b) = (VolumeName.Random(), VolumeName.Random());
        Assert.NotEqual(a, b);
        Assert.True(VolumeName.IsValid(a.Text) && a.Text.Length == 12);
    }

    [Fact]
    public void Every_bad_name_is_invalid()
    {
        Assert.All(Support.Names.BadVolumes, n => Assert.False(VolumeName.IsValid(n), n));
    }
}
