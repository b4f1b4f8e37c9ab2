using System;
using Kvol.Commands;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The text format of Prometheus.</summary>
public class Expositions
{
    [Theory]
    [InlineData("zroot/kvol", "zroot/kvol")]
    [InlineData("", "")]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("\\n", "\\\\n")]
    [InlineData("\\\"\n\\", "\\\\\\\"\\n\\\\")]
    [InlineData("{a=\"b\"} 1 # \u00e9 \t\r", "{a=\\\"b\\\"} 1 # \u00e9 \t\r")]
    public void A_label_is_escaped(string value, string escaped) =>
        Assert.Equal($"{{store=\"{escaped}\",volume=\"v\"}}", Exposition.Labels(("store", value), ("volume", "v")));

    [Fact]
    public void A_metric_has_its_head_once_and_what_is_not_known_is_left_out()
    {
        var used = DateTimeOffset.FromUnixTimeMilliseconds(1_780_000_000_900);
        var text = Exposition.Of(new StoreFigures("s", new StoreRoom(1000, 10), null,
        [
            new VolumeFigures("a", "ready", new SpaceUse(5, 6, 4, 7, 8, 1, null), 2, used),
            new VolumeFigures("b", "damaged", null, 0, null),
        ]));
        Assert.StartsWith("# HELP kvol_store_size_bytes Size of the store, in bytes: what it holds and what is free.\n"
            + "# TYPE kvol_store_size_bytes gauge\nkvol_store_size_bytes{store=\"s\"} 1000\n"
            + "# HELP kvol_store_free_bytes Space that may still be written to the store, in bytes.\n"
            + "# TYPE kvol_store_free_bytes gauge\nkvol_store_free_bytes{store=\"s\"} 10\n", text, StringComparison.Ordinal);
        Assert.Contains("gauge\nkvol_volume_used_bytes{store=\"s\",volume=\"a\"} 5\n# HELP", text, StringComparison.Ordinal);
        Assert.Contains("gauge\nkvol_volume_mounts{store=\"s\",volume=\"a\"} 2\nkvol_volume_mounts{store=\"s\",volume=\"b\"} 0\n# HELP",
            text, StringComparison.Ordinal);
        Assert.Contains("gauge\nkvol_volume_last_used_timestamp_seconds{store=\"s\",volume=\"a\"} 1780000000\n# HELP", text,
            StringComparison.Ordinal);
        Assert.Contains("kvol_volume_state{store=\"s\",volume=\"a\",state=\"ready\"} 1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("kvol_volume_state{store=\"s\",volume=\"b\",state=\"damaged\"} 1\n", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("kvol_volume_state gauge").Length);
    }

    [Fact]
    public void A_store_without_volumes_has_metrics_of_its_own_only() =>
        Assert.DoesNotContain("kvol_volume", Exposition.Of(new StoreFigures("s", new StoreRoom(1, 1), null, [])), StringComparison.Ordinal);
}
