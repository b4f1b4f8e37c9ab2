using System;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Owners that a mount shows are those of its files.</summary>
public class OwnersOfMounts
{
    [Theory]
    [InlineData("v:/d:idmap=/proc/1/ns/user")]
    [InlineData("v@s:/d:idmap=/ns")]
    [InlineData("/s:/d:ro,idmap=/ns")]
    public void A_user_namespace_is_refused_with_the_reason(string text)
    {
        var error = Assert.Throws<KvolException>(() => MountSpec.Parse(text));
        Assert.Equal(ExitStatus.Usage, error.Status);
        Assert.Contains("FreeBSD has no user namespaces", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_is_not_offered() => Assert.DoesNotContain("idmap=", SpecOptions.Of(MountSpec.VolumeType));
}
