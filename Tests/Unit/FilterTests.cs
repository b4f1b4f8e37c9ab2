using System;
using System.Collections.Generic;
using Kvol.Commands;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What <c>--filter</c>, <c>--label</c>, <c>--owner</c> and <c>--mode</c> take.</summary>
public class FilterTests
{
    private static readonly DateTimeOffset Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("name=web-data", true)]
    [InlineData("name=web-*", true)]
    [InlineData("name=web", false)]
    [InlineData("label=app", true)]
    [InlineData("label=app=www", true)]
    [InlineData("label=app=w", false)]
    [InlineData("label=a*=www", true)]
    [InlineData("label=other", false)]
    [InlineData("label=empty=", true)]
    [InlineData("label!=app", false)]
    [InlineData("label!=app=db", true)]
    [InlineData("label!=other", true)]
    [InlineData("state=ready", true)]
    [InlineData("state=empty", false)]
    [InlineData("state=seeding", false)]
    [InlineData("state=receiving", false)]
    [InlineData("state=foreign", false)]
    [InlineData("until=2026-01-02T03:04:06Z", true)]
    [InlineData("until=2026-01-02T03:04:05Z", false)]
    [InlineData("until=2026-01-02T05:04:05+02:00", false)]
    [InlineData("until=2026-01-02T03:04:05.1Z", true)]
    [InlineData("until=2025-12-30", false)]
    [InlineData("until=2026-01-05", true)]
    [InlineData("until=2026-01-05 10:00:00", true)]
    [InlineData("until=0", true)]
    [InlineData("until=36500d", false)]
    [InlineData("anonymous=true", false)]
    [InlineData("anonymous=false", true)]
    [InlineData("mounted=true", false)]
    [InlineData("mounted=false", true)]
    public void A_filter_takes_a_volume_or_leaves_it(string filter, bool takes)
    {
        Assert.Equal(takes, Filters.Parse([filter])(new ListedEntry(Volume(), [])));
    }

    [Theory]
    [InlineData("unused=30d", true)]
    [InlineData("unused=6w", false)]
    public void What_is_unused_is_filtered_by_its_record(string filter, bool takes) => Assert.Equal(takes,
        Filters.Parse([filter])(new ListedEntry(Volume(), []) { Use = LastUse.None(DateTimeOffset.UtcNow.AddDays(-40)) }));

    [Fact]
    public void The_longest_time_counts()
    {
        Assert.Null(Filters.Unused(["name=x", "until=30d"]));
        Assert.Equal(TimeSpan.FromDays(7), Filters.Unused(["unused=1d", "name=x", "unused=1w"]));
    }

    [Fact]
    public void All_filters_must_match()
    {
        Assert.True(Filters.Parse([])(new ListedEntry(Volume(), [])));
        Assert.True(Filters.Parse(["name=web-*", "label=app"])(new ListedEntry(Volume(), [])));
        Assert.False(Filters.Parse(["name=web-*", "label=other"])(new ListedEntry(Volume(), [])));
    }

    [Theory]
    [InlineData("", "unknown filter ''; known: name= label= label!= state= until= anonymous= mounted= unused=")]
    [InlineData("names=x", "unknown filter 'names'; known: ")]
    [InlineData("name", "its value is missing: name=...")]
    [InlineData("label", "its value is missing: label=...")]
    [InlineData("name=", "the pattern is empty")]
    [InlineData("label==v", "the key of the label is empty")]
    [InlineData("label!=", "the key of the label is empty")]
    [InlineData("state=full", "the states are empty seeding ready receiving foreign")]
    [InlineData("state=Ready", "'Ready' is not a state")]
    [InlineData("until=yesterday", "'yesterday' is not a time")]
    [InlineData("until=2026-13-01", "is not a time")]
    [InlineData("until=01/02/2026", "is not a time")]
    [InlineData("until=", "'' is not a time")]
    [InlineData("anonymous=maybe", "'maybe' is neither true nor false")]
    [InlineData("mounted=", "'' is neither true nor false")]
    [InlineData("unused", "its value is missing: unused=...")]
    [InlineData("unused=", "'' is not a duration")]
    [InlineData("unused=2026-01-01", "'2026-01-01' is not a duration")]
    public void A_wrong_filter_is_64_and_says_what_is_wrong_with_it(string filter, string reason)
    {
        var failure = Assert.Throws<KvolException>(() => Filters.Parse([filter]));
        Assert.Equal(ExitStatus.Usage, failure.Status);
        Assert.Contains(reason, failure.Message);
    }

    [Fact]
    public void A_label_is_a_key_and_a_value_and_the_last_one_counts()
    {
        var labels = Filters.Labels(["b=1=2", "a", "b=3"]);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "", ["b"] = "3" }, labels);
        Assert.All(["=x", "", "A=1", "a b=1", "\u00e9=1", new string('k', 129), "k=" + new string('v', 1025)],
            label => Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Filters.Labels([label])).Status));
    }

    [Theory]
    [InlineData("0", 0U, null)]
    [InlineData("33:44", 33U, 44U)]
    [InlineData("4294967294:0", 4294967294U, 0U)]
    public void An_owner_is_numbers(string text, uint user, uint? group) => Assert.Equal((user, group), Filters.Owner(text));

    [Theory]
    [InlineData("root")]
    [InlineData("")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("1:2:3")]
    [InlineData("4294967295")]
    [InlineData("-1")]
    [InlineData(" 1")]
    public void Names_and_the_number_that_stands_for_none_are_no_owner(string text)
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Filters.Owner(text)).Status);
    }

    [Theory]
    [InlineData("0750", "750")]
    [InlineData("7777", "7777")]
    [InlineData("0", "0")]
    [InlineData("01777", "1777")]
    public void A_mode_is_octal(string text, string mode) => Assert.Equal(Convert.ToUInt32(mode, 8), Filters.Mode(text));

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("10000")]
    [InlineData("000755")]
    [InlineData("rwx")]
    [InlineData("-1")]
    public void Anything_else_is_no_mode(string text)
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Filters.Mode(text)).Status);
    }

    private static Volume Volume() => new(VolumeName.Parse("web-data"), "dir", null, "/store/volumes/web-data/data", Created, false,
        new Dictionary<string, string> { ["app"] = "www", ["empty"] = "" }, VolumeState.Ready, null);
}
