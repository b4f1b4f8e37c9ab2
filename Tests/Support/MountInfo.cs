using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Kvol.Tests.Support;

internal sealed record MountLine(string Id, string Root, string Target, string[] Options, string Type)
{
    public bool Has(string option) => Options.Contains(option);
}

/// <summary>The mounts of this namespace, as the kernel lists them.</summary>
internal static partial class MountInfo
{
    public static List<MountLine> Below(string path, string table = "/proc/self/mountinfo") =>
        [.. File.ReadAllLines(table, Encoding.Latin1).Select(Parse)
            .Where(m => m.Target == path || m.Target.StartsWith(path + "/", StringComparison.Ordinal))];

    public static List<MountLine> At(string path) => [.. Below(path).Where(m => m.Target == path)];

    private static MountLine Parse(string line)
    {
        var f = line.Split(' ');
        return new MountLine(f[0], Unescape(f[3]), Unescape(f[4]), f[5].Split(','), f[Array.IndexOf(f, "-") + 1]);
    }

    private static string Unescape(string text) => Octal().Replace(text, m => ((char)Convert.ToInt32(m.Value[1..], 8)).ToString());

    [GeneratedRegex(@"\\[0-7]{3}")]
    private static partial Regex Octal();
}
