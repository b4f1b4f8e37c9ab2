using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>Parses what <c>--filter</c>, <c>--label</c>, <c>--owner</c> and <c>--mode</c> take.</summary>
internal static class Filters
{
    /// <summary>All filters must match: <c>name=GLOB</c>, <c>label=K[=V]</c>, <c>label!=K[=V]</c>, <c>state=S</c>, <c>anonymous=B</c>, <c>mounted=B</c>.</summary>
    public static Predicate<(Volume Volume, IReadOnlyList<MountView> Mounts)> Parse(string[] filters)
    {
        var all = filters.Select(One).ToArray();
        return v => all.All(f => f(v));
    }

    /// <summary>Whether a filter looks at where a volume is mounted.</summary>
    public static bool AsksForMounts(string filter) => Split(filter).Key == "mounted";

    /// <summary>Labels as <c>KEY=VALUE</c>; a key alone has an empty value.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string[] labels)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            var (key, value) = Split(label);
            if (!PropertyName.IsKey(key) || value?.Length > PropertyName.LongestLabel)
            {
                throw new KvolException(ExitStatus.Usage, $"--label {label}", "a label is KEY=VALUE; a key has lower-case letters, digits, '_', '.' and '-'");
            }

            result[key] = value ?? "";
        }

        return result;
    }

    /// <summary>Numeric <c>UID[:GID]</c>.</summary>
    public static (uint? Uid, uint? Gid) Owner(string? text)
    {
        if (text is null)
        {
            return (null, null);
        }

        var parts = text.Split(':');
        return parts.Length <= 2 && uint.TryParse(parts[0], out var uid) && uid != uint.MaxValue
            ? parts.Length == 1 ? (uid, null) : uint.TryParse(parts[1], out var gid) && gid != uint.MaxValue ? (uid, gid) : throw Wrong()
            : throw Wrong();

        KvolException Wrong() => new(ExitStatus.Usage, $"--owner {text}", "an owner is UID or UID:GID, in numbers (names mean something else inside a jail)");
    }

    /// <summary>An octal mode up to 7777.</summary>
    public static uint? Mode(string? text) => text is null ? null
        : text.Length is >= 1 and <= 5 && text.All(c => c is >= '0' and <= '7') && Convert.ToUInt32(text, 8) is <= Permissions.AllBits and var mode ? mode
        : throw new KvolException(ExitStatus.Usage, $"--mode {text}", "a mode is octal, for example 0750");

    private static Predicate<(Volume Volume, IReadOnlyList<MountView> Mounts)> One(string filter)
    {
        var (key, value) = Split(filter);
        switch (key)
        {
            case "name" when value is not null:
                return v => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(value, v.Volume.Name, ignoreCase: false);
            case "label" or "label!" when value is not null:
                var (label, wanted) = Split(value);
                return v => (v.Volume.Labels.TryGetValue(label, out var have) && (wanted is null || have == wanted)) == (key == "label");
            case "state" when value is "empty" or "seeding" or "ready":
                return v => Output.State(v.Volume) == value;
            case "anonymous" when bool.TryParse(value, out var b):
                return v => v.Volume.Anonymous == b;
            case "mounted" when bool.TryParse(value, out var b):
                return v => v.Mounts.Count > 0 == b;
            default:
                throw new KvolException(
                    ExitStatus.Usage, $"--filter {filter}", "known filters: name=GLOB label=K[=V] label!=K[=V] state=empty|seeding|ready anonymous=true|false mounted=true|false");
        }
    }

    private static (string Key, string? Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }
}
