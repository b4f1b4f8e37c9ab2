using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Parses the values of <c>--filter</c>, <c>--label</c>, <c>--owner</c> and <c>--mode</c>.</summary>
internal static class Filters
{
    /// <summary>The filters for volumes, without their values.</summary>
    public static readonly string[] Keys = ["name=", "label=", "label!=", "state=", "until=", "anonymous=", "mounted="];

    /// <summary>Parses filters, all of which must match: <c>name=GLOB</c>, <c>label=K[=V]</c> where K may be a glob, <c>label!=K[=V]</c>,
    /// <c>state=S</c>, <c>until=TIME</c> (created before a time, or longer ago than a duration), <c>anonymous=B</c>,
    /// <c>mounted=B</c>.</summary>
    public static Predicate<ListedEntry> Parse(string[] filters)
    {
        var all = filters.Select(One).ToArray();
        return v => Array.TrueForAll(all, f => f(v));
    }

    /// <summary>Whether a filter depends on where a volume is mounted.</summary>
    public static bool AsksForMounts(string filter) => KeyValue.Split(filter).Key == "mounted";

    /// <summary>Labels as <c>KEY=VALUE</c>; a key alone has an empty value.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string[] labels)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            var (key, value) = KeyValue.Split(label);
            if (!PropertyName.IsKey(key) || !PropertyName.IsLabel(value ?? ""))
            {
                throw new KvolException(ExitStatus.Usage, $"--label {Shown.Word(label)}",
                    "a label is KEY=VALUE in UTF-8; a key has lower-case letters, digits, '_', '.' and '-'");
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
        return parts.Length > 2 ? throw Wrong() : (Number(parts[0]), parts.Length == 1 ? null : Number(parts[1]));

        uint Number(string word) =>
            uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : throw Wrong();

        KvolException Wrong() => new(
            ExitStatus.Usage, $"--owner {Shown.Word(text)}",
            "an owner is UID or UID:GID, in numbers (names mean something else inside a jail)");
    }

    /// <summary>An octal mode up to 7777.</summary>
    public static uint? Mode(string? text) => text is null ? null
        : text.Length is >= 1 and <= 5 && text.All(c => c is >= '0' and <= '7')
            && Convert.ToUInt32(text, 8) is <= Permissions.AllBits and var mode ? mode
        : throw new KvolException(ExitStatus.Usage, $"--mode {Shown.Word(text)}", "a mode is octal, for example 0750");

    private static Predicate<ListedEntry> One(string filter)
    {
        var (key, value) = KeyValue.Split(filter);
        switch (key)
        {
            case "name" when value is not null:
                return v => Glob.Matches(value, v.Entry.Text);
            case "label" or "label!" when value is not null:
                var (label, wanted) = KeyValue.Split(value);
                return v => v.Entry.HasLabel(label, wanted) == (key == "label");
            case "until" when value is not null && Timestamp.TryParse(value) is { } until:
                return v => v.Entry.Created < until;
            case "state" when VolumeStates.IndexOf(value) >= 0:
                return v => v.Entry.StateName == value;
            case "anonymous" when bool.TryParse(value, out var b):
                return v => v.Entry.Anonymous == b;
            case "mounted" when bool.TryParse(value, out var b):
                return v => v.Mounts.Count > 0 == b;
            default:
                throw new KvolException(
                    ExitStatus.Usage, $"--filter {Shown.Word(filter)}",
                    $"known filters: name=GLOB label=K[=V] label!=K[=V] state={string.Join('|', VolumeStates.Names)} until=TIME "
                    + "anonymous=true|false mounted=true|false");
        }
    }
}
