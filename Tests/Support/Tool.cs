using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;
using Xunit;

namespace Kvol.Tests.Support;

internal sealed record Result(int Exit, string Out, string Err)
{
    public Result Ok()
    {
        Assert.True(Exit == 0, $"exit {Exit}\n--- stdout\n{Out}\n--- stderr\n{Err}");
        return this;
    }

    /// <summary>Checks the exit status, and that stderr is one line that begins with the program's name.</summary>
    public Result Refused(int status, params string[] words)
    {
        Assert.True(Exit == status, $"exit {Exit}, expected {status}\n--- stdout\n{Out}\n--- stderr\n{Err}");
        Assert.StartsWith("kvol: ", Err);
        Assert.True(Err.TrimEnd('\n').Split('\n').Length == 1, "more than one line:\n" + Err);
        foreach (var word in words)
        {
            Assert.Contains(word, Err, StringComparison.Ordinal);
        }

        return this;
    }

    /// <summary>Accepts one of several statuses, if the specification allows a choice.</summary>
    public Result RefusedAny(params int[] statuses)
    {
        Assert.True(Array.IndexOf(statuses, Exit) >= 0,
            $"exit {Exit}, expected {string.Join(" or ", statuses)}\n--- stdout\n{Out}\n--- stderr\n{Err}");
        return Refused(Exit);
    }

    public string[] Lines => Out.TrimEnd('\n').Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A running child process; disposing of it kills it.</summary>
internal sealed class Running : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    public Running(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        string? directory = null)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        process = Process.Start(start)!;
        process.StandardInput.Close();
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public int Pid => process.Id;

    public bool HasExited => process.HasExited;

    public void Signal(int number) => _ = Libc.kill(process.Id, number);

    public Result Wait(int seconds = 180)
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill(true);
            process.WaitForExit();
            Assert.Fail($"still running after {seconds} s: {process.StartInfo.FileName} "
                + $"{string.Join(' ', process.StartInfo.ArgumentList)}\n{error.Result}");
        }

        process.WaitForExit();
        return new Result(process.ExitCode, output.Result, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}

/// <summary>Helper programs of the system.</summary>
internal static class Tool
{
    public static string Run(string file, params string[] arguments)
    {
        using var child = new Running(file, arguments);
        var result = child.Wait();
        return result.Exit == 0 ? result.Out
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {result.Err}{result.Out}");
    }
}
