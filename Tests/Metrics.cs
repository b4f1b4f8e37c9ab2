using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What <c>kvol df --format prometheus</c> prints: all metrics or none.</summary>
public partial class Metrics
{
    [Fact]
    public void The_metrics_are_those_of_df_and_inspect()
    {
        using var box = new Box();
        Assert.Equal("", box.Run("df", "--format", "prometheus").Ok().Out);
        box.Run("create", "web").Ok();
        box.Run("create", "idle").Ok();
        File.WriteAllText(box.Data("web") + "/f", new string('x', 10_000));
        box.Run("create", "gone").Ok();
        File.WriteAllText(box.Data("gone") + "/f", new string('x', 10_000));
        box.Run("rm", "--keep", "1h", "gone").Ok();
        box.Run("attach", "www", box.Root, "web:/a", "web:/b").Ok();
        var metrics = Read(box.Run("df", "--format", "prometheus").Ok().Out);
        var df = JsonDocument.Parse(box.Run("df", "--json").Ok().Out).RootElement.EnumerateArray().ToDictionary(
            v => v.GetProperty("name").GetString()!);
        foreach (var name in (string[])["web", "idle"])
        {
            Assert.Equal(df[name].GetProperty("used").GetInt64(), metrics[("kvol_volume_used_bytes", name, "")]);
            Assert.InRange(metrics[("kvol_volume_available_bytes", name, "")], 1, long.MaxValue);
            Assert.Equal(name == "web" ? 2 : 0, metrics[("kvol_volume_mounts", name, "")]);
            Assert.Equal(name == "web" ? 1 : 0, metrics[("kvol_volume_state", name, "ready")]);
            Assert.Equal(name == "idle" ? 1 : 0, metrics[("kvol_volume_state", name, "empty")]);
            Assert.Equal(0, metrics[("kvol_volume_state", name, "damaged")]);
            Assert.False(metrics.ContainsKey(("kvol_volume_quota_bytes", name, "")));
        }

        Assert.Equal(DateTimeOffset.Parse(box.Inspect("web").GetProperty("last_used").GetString()!, CultureInfo.InvariantCulture)
            .ToUnixTimeSeconds(), metrics[("kvol_volume_last_used_timestamp_seconds", "web", "")]);
        Assert.False(metrics.ContainsKey(("kvol_volume_last_used_timestamp_seconds", "idle", "")));
        Assert.InRange(metrics[("kvol_store_free_bytes", "", "")], 1, metrics[("kvol_store_size_bytes", "", "")]);
        Assert.Equal(1, metrics[("kvol_store_deleted_volumes", "", "")]);
        Assert.InRange(metrics[("kvol_store_deleted_bytes", "", "")], 10_000, 100_000);
        Assert.DoesNotContain(Read(box.Run("df", "--format", "prometheus", "idle").Ok().Out).Keys, k => k.Volume == "web");
    }

    [Fact]
    public void A_damaged_volume_is_a_metric()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        box.Run("create", "m").Ok();
        box.Run("create", "z").Ok();
        File.WriteAllText(box.Metadata("m"), "[]");
        var metrics = Read(box.Run("df", "--format", "prometheus").Ok().Out);
        Assert.Equal(1, metrics[("kvol_volume_state", "m", "damaged")]);
        Assert.Equal(0, metrics[("kvol_volume_state", "z", "damaged")]);
        Assert.False(metrics.ContainsKey(("kvol_volume_used_bytes", "m", "")));
        Assert.Equal(1, Read(box.Run("df", "--format", "prometheus", "m").Ok().Out)[("kvol_volume_state", "m", "damaged")]);
    }

    [Fact]
    public void What_cannot_be_measured_is_an_error_and_no_half()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Assert.Equal("", box.Run("df", "--format", "prometheus", "web", "none").Refused(66, "none").Out);
        File.WriteAllText(box.Store + "/volumes/file", "x");
        Assert.Equal("", box.Run("df", "--format", "prometheus").Refused(65, "file").Out);
        File.Delete(box.Store + "/volumes/file");
        using var full = box.StartShell("$KVOL df --format prometheus >/dev/full");
        full.Wait().Refused(71, "standard output");
    }

    [Fact]
    [Trait("System", "Linux")] // strace(1) makes a call fail
    public void Whichever_look_fails_nothing_is_printed()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        Directory.CreateDirectory(box.Data("web") + "/d");
        var failed = 0;
        for (var which = 1; which < 40; which++)
        {
            using var child = new Running("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=getdents64,fstatfs",
                "-e", $"inject=getdents64,fstatfs:error=EIO:when={which}", Box.Binary, "df", "--format", "prometheus"],
                new Dictionary<string, string>(box.Environment), box.Top);
            var result = child.Wait();
            Assert.True(result.Exit == 0 ? Read(result.Out).ContainsKey(("kvol_volume_used_bytes", "web", "")) : result.Out == "",
                $"{which}: {result}");
            failed += result.Exit == 0 ? 0 : 1;
        }

        Assert.InRange(failed, 2, 39);
    }

    [Fact]
    public void The_path_of_the_store_is_escaped()
    {
        using var box = new Box();
        box.Environment["KVOL_ROOT"] = box.Top + "/a \"store\"\\ with\nlines \u00e9";
        box.Run("create", "web").Ok();
        var text = box.Run("df", "--format", "prometheus").Ok().Out;
        Assert.Contains($"kvol_volume_mounts{{store=\"{box.Top}/a \\\"store\\\"\\\\ with\\nlines \u00e9\",volume=\"web\"}} 0\n", text,
            StringComparison.Ordinal);
        Assert.NotEmpty(Read(text));
    }

    [Theory]
    [InlineData("known: prometheus", "--format", "json")]
    [InlineData("known: prometheus", "--format", "Prometheus")]
    [InlineData("--json", "--format", "prometheus", "--json")]
    [InlineData("-H", "--format", "prometheus", "-H")]
    [InlineData("--deleted", "--format", "prometheus", "--deleted")]
    [InlineData("a/b", "--format", "prometheus", "a/b")]
    public void A_wrong_use_is_64(string word, params string[] arguments)
    {
        using var box = new Box();
        Assert.Equal("", box.Run(["df", .. arguments]).Refused(64, word).Out);
    }

    /// <summary>Every sample, by its name and the labels volume and state; the form is checked.</summary>
    private static Dictionary<(string Name, string Volume, string State), long> Read(string text)
    {
        var samples = new Dictionary<(string, string, string), long>();
        string? family = null;
        var families = new HashSet<string>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                Assert.True(families.Add(family), $"{family} comes twice");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Equal($"# TYPE {family} gauge", line);
            }
            else
            {
                var match = Sample().Match(line);
                Assert.True(match.Success, line);
                Assert.Equal(family, match.Groups[1].Value);
                samples.Add((match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value),
                    long.Parse(match.Groups[4].Value, CultureInfo.InvariantCulture));
            }
        }

        return samples;
    }

    [GeneratedRegex("^([a-z_]+)\\{store=\"(?:[^\"\\\\]|\\\\[\"\\\\n])*\"(?:,volume=\"([^\"\\\\]*)\")?(?:,state=\"([a-z]+)\")?\\} (\\d+)$")]
    private static partial Regex Sample();
}
