using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;

namespace Kvol.Tests.Port;

/// <summary>The port's directory, and what the ports tree makes of it on this host.</summary>
internal static class PortTree
{
    public static string Top => SourceTree.Top;

    public static string Directory { get; } = Top + "/port/sysutils/kvol";

    public static string Stubs { get; } = Top + "/Tests/Port/stubs";

    public static string Read(string name) => File.ReadAllText($"{Directory}/{name}");

    /// <summary>Runs bmake(1) in the port's directory with the stubs in place of the ports tree.</summary>
    public static Result Make(params string[] arguments)
    {
        using var child = new Running("bmake", ["-r", "-m", Stubs, .. arguments], directory: Directory);
        return child.Wait(600);
    }

    /// <summary>The value of a variable.</summary>
    public static string Value(string name, params string[] arguments) => Make(["-V", "${" + name + "}", .. arguments]).Ok().Out.Trim();

    /// <summary> A file of the port as it is installed with <paramref name="prefix"/>, with the system's files that it reads replaced,
    /// written into <paramref name="folder"/>.
    /// </summary>
    public static string Installed(string name, string folder, string prefix, params (string From, string To)[] replaced)
    {
        var text = Read($"files/{name}.in").Replace("%%PREFIX%%", prefix, StringComparison.Ordinal);
        foreach (var (from, to) in replaced)
        {
            if (!text.Contains(from, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{name} does not read {from}");
            }

            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        var path = $"{folder}/{name}";
        File.WriteAllText(path, text);
        Tool.Run("chmod", "755", path);
        return path;
    }

    /// <summary>The shell scripts of the port and its tools.</summary>
    public static IEnumerable<string> Scripts() => System.IO.Directory.EnumerateFiles(Directory + "/files", "*.in")
        .Concat([Top + "/port/make-distinfo.sh", Top + "/port/release.sh", Top + "/Tests/Port/acceptance.sh"])
            .Concat(System.IO.Directory.EnumerateFiles(Top + "/Tests/Port/acceptance", "*.sh"))
            .Where(f => File.ReadLines(f).First().StartsWith("#!/bin/sh", StringComparison.Ordinal)).Order();

    /// <summary>The version that the project file states.</summary>
    public static string ProjectVersion() => Regex.Match(File.ReadAllText(Top + "/kvol.csproj"), "<Version>(.*)</Version>").Groups[1].Value;
}
