using System;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Lengths of time as people type them, and times as kvol writes them.</summary>
public class Times
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("12h", 43200)]
    [InlineData("7d", 604800)]
    [InlineData("2w", 1209600)]
    [InlineData("0.5", 0.5)]
    [InlineData("1.5h", 5400)]
    [InlineData("36500d", 36500 * 86400.0)]
    public void A_duration_is_a_number_with_a_unit(string text, double seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.TryParse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1 h")]
    [InlineData("1H")]
    [InlineData("1y")]
    [InlineData("1hh")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("5.h")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("36501d")]
    [InlineData("99999999999999999999999999999999")]
    public void What_is_not_a_duration_is_64(string text)
    {
        Assert.Null(Duration.TryParse(text));
        var failure = Assert.Throws<KvolException>(() => Duration.Parse("--keep", text));
        Assert.Equal(ExitStatus.Usage, failure.Status);
        Assert.StartsWith("--keep ", failure.Message);
    }

    [Fact]
    public void A_time_is_written_in_UTC_to_the_microsecond()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1234567);
        Assert.Equal("2026-01-02T01:04:05.123456Z", Timestamp.Text(time));
        Assert.Equal("0001-01-01T00:00:00.000000Z", Timestamp.Text(DateTimeOffset.MinValue));
        Assert.Equal("9999-12-31T23:59:59.999999Z", Timestamp.Text(DateTimeOffset.MaxValue));
    }
}
