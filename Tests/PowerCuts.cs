using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace Kvol.Tests;

/// <summary>The power is cut at chosen moments of a recorded seeding: the disk is rebuilt as it could be then, mounted and
/// compared.</summary>
public class PowerCuts
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void After_a_power_cut_a_volume_is_empty_or_complete(string fileSystem)
    {
        var (status, output) = Run(fileSystem, "24", Random.Shared.Next(1, 1000).ToString());
        Assert.True(status == 0, output);
    }

    [Theory]
    [InlineData("--broken")]
    [InlineData("--broken-late")]
    public void The_bench_catches_a_copy_that_is_not_durable(string variant)
    {
        var (status, output) = Run(variant, "ext4", "24", "1");
        Assert.True(status == 0, output);
    }

    private static (int Status, string Output) Run(params string[] arguments)
    {
        var tool = Environment.GetEnvironmentVariable("KVOL_BIN")!;
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Path.GetDirectoryName(tool)!, "..", "Tests", "PowerCut", "run.sh"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
