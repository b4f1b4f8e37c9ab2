using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Tests.Support;

namespace Kvol.Tests.Torture;

/// <content>Building helper programs, and running kvol as a process.</content>
internal sealed partial class Campaign
{
    /// <summary>A helper program, built from the C file of that name in this directory.</summary>
    public static string Build(string name, params string[] flags)
    {
        var source = Path.Combine(Path.GetDirectoryName(Here())!, name + ".c");
        var target = Disks.On("tmpfs") + "/" + name;
        if (!File.Exists(target))
        {
            Tool.Run("gcc", ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", .. flags, "-o", target, source]);
        }

        return target;
    }

    /// <summary>A library that is preloaded.</summary>
    public static string BuildLibrary(string name) => Build(name, "-fPIC", "-shared", "-ldl");

    /// <summary>The variables that make kvol record its memory use; <paramref name="more"/> is another library to preload.</summary>
    public static Dictionary<string, string> Measured(string? more = null)
    {
        var file = Disks.On("tmpfs") + "/peak.kib";
        if (!File.Exists(file))
        {
            File.WriteAllBytes(file, new byte[8]);
        }

        Peak = file;

        return new() { ["KVOL_PEAK"] = file, ["LD_PRELOAD"] = BuildLibrary("peak") + (more is null ? "" : ":" + more) };
    }

    /// <summary>Reports a wrong end of kvol, for any command: an undocumented exit status, a stack trace, a line that does not begin with
    /// <c>kvol:</c>, a failure without a message. <paramref name="signal"/> is one that it was sent.</summary>
    public void CheckEnd(Result result, string after, int signal = 0)
    {
        if (signal != 0 && result.Exit == 128 + signal)
        {
            return;
        }

        if (result.Exit is 134 or 139 or 136 or 135 or 70 || result.Err.Contains("Unhandled", StringComparison.Ordinal)
            || result.Err.Contains("\n   at ", StringComparison.Ordinal))
        {
            Wrong(Bad.Crash, $"crash (exit {result.Exit})", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit is not (0 or 1 or 64 or 65 or 66 or 69 or 71 or 73 or 75 or 77 or 78))
        {
            Wrong(Bad.Other, $"exit {result.Exit}", $"{after}\n    {Short(result.Err)}");
        }
        else if (result.Exit != 0 && result.Err.Trim().Length == 0)
        {
            Wrong(Bad.Other, $"exit {result.Exit} without a word", after);
        }
        else if (result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(l => !l.StartsWith("kvol: ", StringComparison.Ordinal)) is { } line)
        {
            Wrong(Bad.Other, "a line that does not say whose it is", $"{after}\n    {Short(line)}");
        }
    }

    /// <summary>Waits for a command to end; if it hangs, counts a hang and returns null.</summary>
    public Result? Wait(Running command, string name)
    {
        try
        {
            return command.Wait(Patience);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Wrong(Bad.Hang, "hang", name);
            return null;
        }
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
