using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Parses the values of <c>--filter</c>, <c>--label</c>, <c>--owner</c> and <c>--mode</c>.</summary>
internal static class Filters
{
    /// <summary>The filters for volumes, without their values.</summary>
    public static readonly string[] Keys = ["name=", "label=", "label!=", "state=", "until=", "anonymous=", "mounted=", "unused="];

    /// <summary>Parses filters, all of which must match: <c>name=GLOB</c>, <c>label=K[=V]</c> where K may be a glob, <c>label!=K[=V]</c>,
    /// <c>state=S</c>, <c>until=TIME</c> (created before a time, or longer ago than a duration), <c>anonymous=B</c>,
    /// <c>mounted=B</c>, <c>unused=DURATION</c> (used by nothing for so long).</summary>
    public static Predicate<ListedEntry> Parse(string[] filters)
    {
        var all = filters.Select(One).ToArray();
        return v => Array.TrueForAll(all, f => f(v));
    }

    /// <summary>Whether a filter depends on where a volume is mounted.</summary>
    public static bool AsksForMounts(string filter) => KeyValue.Split(filter).Key is "mounted" or "unused";

    /// <summary>How long a volume must have been unused to match; null if that does not matter.</summary>
    public static TimeSpan? Unused(IEnumerable<string> filters) => filters.Select(KeyValue.Split).Where(f => f.Key == "unused")
        .Select(f => Duration.TryParse(f.Value ?? "")).Max();

    /// <summary>Labels as <c>KEY=VALUE</c>; a key alone has an empty value.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string[] labels)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            var (key, value) = KeyValue.Split(label);
            if (!PropertyName.IsKey(key) || !PropertyName.IsLabel(value ?? ""))
            {
                throw new KvolException(ExitStatus.Usage, $"--label {Shown.Word(label)}", PropertyName.LabelForm);
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

        return TopText.ParseOwner(text) ?? throw new KvolException(ExitStatus.Usage, $"--owner {Shown.Word(text)}", TopText.WrongOwner);
    }

    /// <summary>An octal mode up to 7777.</summary>
    public static uint? Mode(string? text) => text is null ? null
        : TopText.ParseMode(text) ?? throw new KvolException(ExitStatus.Usage, $"--mode {Shown.Word(text)}", TopText.WrongMode);

    private static Predicate<ListedEntry> One(string filter)
    {
        var (key, value) = KeyValue.Split(filter);
        switch (key)
        {
            case "name" when value is { Length: > 0 }:
                return v => Glob.Matches(value, v.Entry.Text);
            case "label" or "label!" when value is { Length: > 0 } && KeyValue.Split(value) is { Key.Length: > 0 } label:
                return v => v.Entry.HasLabel(label.Key, label.Value) == (key == "label");
            case "until" when value is not null && Timestamp.TryParse(value) is { } until:
                return v => v.Entry.Created < until;
            case "state" when VolumeStates.IndexOf(value) >= 0:
                return v => v.Entry.StateName == value;
            case "anonymous" when Truth.TryParse(value) is { } b:
                return v => v.Entry.Anonymous == b;
            case "mounted" when Truth.TryParse(value) is { } b:
                return v => v.Mounts.Count > 0 == b;
            case "unused" when value is not null && Duration.TryParse(value) is { } time:
                return v => v.IsUnusedFor(time);
            default:
                throw new KvolException(ExitStatus.Usage, $"--filter {Shown.Word(filter)}", Wrong(key, value));
        }
    }

    private static string Wrong(string key, string? value) => (key, value) switch
    {
        (_, null) when Keys.Contains(key + "=") => $"its value is missing: {key}=...",
        ("name", _) => "the pattern is empty; is a variable not set?",
        ("label" or "label!", _) => $"the key of the label is empty; is a variable not set? The form is {key}=KEY or {key}=KEY=VALUE",
        ("until", _) => $"'{Shown.Of(value!)}' is not a time; a TIME is 2026-11-27, 2026-11-27T06:00:00Z, or how long ago: 90m, 12h, 7d",
        ("unused", _) => $"'{Shown.Of(value!)}' is not a duration; write seconds, or a number followed by m, h, d or w: 12h, 30d",
        ("state", _) => $"'{Shown.Of(value!)}' is not a state; the states are {string.Join(' ', VolumeStates.Names)}",
        ("anonymous" or "mounted", _) => $"'{Shown.Of(value!)}' is neither true nor false",
        _ => $"unknown filter '{Shown.Of(key)}'; known: {string.Join(' ', Keys)}",
    };
}
