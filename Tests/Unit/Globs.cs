using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Patterns of names as sh(1) has them.</summary>
public class Globs
{
    [Theory]
    [InlineData("web", "web", true)]
    [InlineData("web", "webs", false)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("w*b", "wb", true)]
    [InlineData("w*b", "wabab", true)]
    [InlineData("*a*b*", "xxaxxbxx", true)]
    [InlineData("?", "a", true)]
    [InlineData("?", "", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[^a-c]x", "dx", true)]
    [InlineData("[]x]", "]", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[ab", "[ab", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("a\\", "a\\", true)]
    public void A_pattern_matches_the_whole_name(string pattern, string name, bool matches)
    {
        Assert.Equal(matches, Glob.Matches(pattern, name));
    }

    [Fact]
    public void Many_stars_take_no_more_steps_than_the_product_of_both_lengths()
    {
        // With one step for each way to match, this would not end before the suite does.
        Assert.False(Glob.Matches(string.Concat(System.Linq.Enumerable.Repeat("a*", 40)) + "b", new string('a', 120)));
    }
}
