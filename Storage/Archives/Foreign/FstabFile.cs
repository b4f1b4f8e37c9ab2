using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads the file of mounts that a jail manager keeps for one jail, in the form of fstab(5): what it mounts below one root
/// directory of nullfs (on Linux: bind mounts), and the file systems without a source.</summary>
internal static class FstabFile
{
    /// <summary>Parses it. What cannot be a SPEC is left out, with its line and the reason.</summary>
    /// <param name="root">The absolute path of the root directory.</param>
    public static ForeignHost Parse(string text, string file, string root)
    {
        root = root.Length > 1 ? root.TrimEnd('/') : root;
        var left = new List<string>();
        var specs = new List<MountSpec>();
        foreach (var (at, line) in text.Split('\n').Index())
        {
            var fields = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(Decoded).ToArray();
            if (fields is [] || fields[0].StartsWith('#'))
            {
                continue;
            }

            try
            {
                var spec = Parse(fields, root);
                specs.Add(specs.Exists(s => s.Destination == spec.Destination)
                    ? throw new KvolException(ExitStatus.Damaged, spec.Destination, "is a mount point already") : spec);
            }
            catch (KvolException e)
            {
                left.Add($"{file}: line {at + 1}: left out: {e.Message}");
            }
        }

        return new ForeignHost([], specs.Count == 0 ? [] : [new ForeignRoot(null, specs)], left);
    }

    private static MountSpec Parse(string[] fields, string root)
    {
        if (fields.Length < 3)
        {
            throw new KvolException(ExitStatus.Damaged, fields[0], "a line has at least a source, a mount point and a type");
        }

        var (source, place, type) = (fields[0], fields[1], fields[2]);
        var options = (fields.Length > 3 ? fields[3] : "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        var below = Below(place, root) ?? throw new KvolException(ExitStatus.Usage, place, $"is not below {root}");
        if (NewFileSystem.Types.Contains(type))
        {
            return new ForeignMount(type, "", below, options).Spec();
        }

        var isBind = type == "nullfs" || options.Contains("bind") || options.Contains("rbind");
        return isBind && source.StartsWith('/') ? new ForeignMount(null, source, below, options).Spec()
            : throw new KvolException(ExitStatus.Usage, place, isBind ? $"its source {Shown.Word(source)} is not an absolute path"
                : $"kvol makes no mounts of type {Shown.Of(type)}");
    }

    private static string? Below(string place, string root) =>
        root == "/" ? place : place.StartsWith(root + "/", StringComparison.Ordinal) ? place[root.Length..] : null;

    // Blanks are written as three octal digits, a backslash as such or doubled.
    private static string Decoded(string field)
    {
        var bytes = new List<byte>();
        for (var rest = Encoding.UTF8.GetBytes(field).AsSpan(); !rest.IsEmpty;)
        {
            if (rest is [(byte)'\\', var a and >= (byte)'0' and <= (byte)'3', var b and >= (byte)'0' and <= (byte)'7',
                var c and >= (byte)'0' and <= (byte)'7', ..])
            {
                bytes.Add((byte)(((a - '0') << 6) | ((b - '0') << 3) | (c - '0')));
                rest = rest[4..];
                continue;
            }

            bytes.Add(rest[0]);
            rest = rest[(rest is [(byte)'\\', (byte)'\\', ..] ? 2 : 1)..];
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
