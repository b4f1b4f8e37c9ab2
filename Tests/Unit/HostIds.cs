using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The ids of hosts, which are names of directories in a store.</summary>
public class HostIds
{
    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("4C4C4544-0042-3510-8052-B4C04F4E3232")]
    [InlineData("a")]
    public void An_id_of_either_system_is_taken(string text) => Assert.Equal(text, HostId.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-n")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("\u0661")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void Nothing_else_is(string text)
    {
        Assert.False(HostId.IsValid(text));
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => HostId.Parse(text)).Status);
    }

    [Fact]
    public void The_name_of_a_host_does_nothing_to_a_terminal() =>
        Assert.Equal("\\x1b[1m (a)", new KnownHost(HostId.Parse("a"), "\u001b[1m").ToString());
}
