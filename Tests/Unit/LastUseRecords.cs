using System;
using System.Text;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The record of a volume's last use.</summary>
public class LastUseRecords
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(null, "2026-01-02T03:04:05.000000Z\n")]
    [InlineData("www", "2026-01-02T03:04:05.000000Z www\n")]
    [InlineData("a.b\u00e9", "2026-01-02T03:04:05.000000Z a.b\u00e9\n")]
    public void It_is_read_as_it_was_written(string? jail, string line)
    {
        Assert.Equal(line, LastUse.Text(At, jail));
        Assert.Equal(new LastUse(At, jail, At), LastUse.TryParse(Encoding.UTF8.GetBytes(line)));
        Assert.Equal(new LastUse(At, jail, At), LastUse.TryParse(Encoding.UTF8.GetBytes(line + "rest of a longer one\n")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("2026-01-02T03:04:05.000000Z")]
    [InlineData("2026-01-02T03:04:05.000000Z www")]
    [InlineData("2026-01-02T03:04:05.0000\n")]
    [InlineData("2026-01-02T03:04:05.0000000\n")]
    [InlineData("2026-02-30T03:04:05.000000Z\n")]
    [InlineData("xxxx-01-02T03:04:05.000000Z\n")]
    [InlineData("2026-01-02T03:04:05.000000Z \n")]
    [InlineData("2026-01-02T03:04:05.000000Zwww\n")]
    [InlineData("2026-01-02T03:04:05.000000Z a b\n")]
    [InlineData("2026-01-02T03:04:05.000000Z a\u001b\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n")]
    public void Anything_else_is_lost(string text) => Assert.Null(LastUse.TryParse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_is_no_utf8_is_lost() => Assert.Null(LastUse.TryParse([.. "2026-01-02T03:04:05.000000Z "u8, 0xff, (byte)'\n']));

    [Fact]
    public void A_volume_is_unused_only_if_its_record_and_its_age_say_so()
    {
        var now = DateTimeOffset.UtcNow;
        var month = TimeSpan.FromDays(30);
        Assert.True(Entry(60, 40).IsUnusedFor(month));
        Assert.False(Entry(60, 20).IsUnusedFor(month));
        Assert.False(Entry(20, 40).IsUnusedFor(month)); // the record is of an earlier volume
        Assert.False(Entry(60, -40).IsUnusedFor(month));
        Assert.False((Entry(60, 40) with { Use = null }).IsUnusedFor(TimeSpan.Zero));
        Assert.False((Entry(60, 40) with { IsAttached = true }).IsUnusedFor(month));
        Assert.False((Entry(60, 40) with { Mounts = [new("volume", null, "v", null, "/m", null, false, null, null)] }).IsUnusedFor(month));

        ListedEntry Entry(int created, int used) =>
            new(new ForeignEntry("v", "zfs", null, now.AddDays(-created)), []) { Use = LastUse.None(now.AddDays(-used)) };
    }
}
