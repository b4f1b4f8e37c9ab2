using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>How often a policy takes a snapshot. All times are UTC, so no hour is missing or doubled when summer time begins or
/// ends.</summary>
internal sealed class SnapshotPeriod
{
    // The first word keeps the names apart from those of other programs: zfs-periodic destroys all that begin with weekly-YYYY-MM.
    private const string Own = "kvol-";

    private readonly string prefix;
    private readonly Func<DateTimeOffset, DateTimeOffset>? begin;

    private SnapshotPeriod(string word, string own, TimeSpan longest, Func<DateTimeOffset, DateTimeOffset>? begin) =>
        (Word, prefix, Longest, this.begin) = (word, $"{own}{word}-", longest, begin);

    /// <summary>The snapshots that <c>attach --snapshot</c> takes: a policy only says how many of them are kept.</summary>
    public static SnapshotPeriod Attach { get; } = new("attach", "", default, null);

    /// <summary>All of them, the shortest first.</summary>
    public static IReadOnlyList<SnapshotPeriod> All { get; } =
    [
        new("15min", Own, TimeSpan.FromMinutes(15), t => Floor(t, TimeSpan.FromMinutes(15))),
        new("hourly", Own, TimeSpan.FromHours(1), t => Floor(t, TimeSpan.FromHours(1))),
        new("daily", Own, TimeSpan.FromDays(1), t => Floor(t, TimeSpan.FromDays(1))),
        new("weekly", Own, TimeSpan.FromDays(7), t => Floor(t, TimeSpan.FromDays(7))), // 0001-01-01 was a Monday
        new("monthly", Own, TimeSpan.FromDays(31), t => new DateTimeOffset(t.Year, t.Month, 1, 0, 0, 0, default)),
        new("yearly", Own, TimeSpan.FromDays(366), t => new DateTimeOffset(t.Year, 1, 1, 0, 0, 0, default)),
        Attach,
    ];

    /// <summary>Its name in a policy.</summary>
    public string Word { get; }

    /// <summary>The longest time that one such period lasts.</summary>
    public TimeSpan Longest { get; }

    /// <summary>Whether <c>snapshot --due</c> takes snapshots for it.</summary>
    public bool IsTimed => begin is not null;

    /// <summary>The period of this name in a policy; null if there is none.</summary>
    public static SnapshotPeriod? Find(string word) => All.FirstOrDefault(p => p.Word == word);

    /// <summary>The name of a snapshot that is taken at a time, to the minute.</summary>
    public string NameAt(DateTimeOffset time) => prefix + Timestamp.Minute(time);

    /// <summary>The period and the time that a name says; null if it is not exactly such a name. A jail may start several times in a
    /// minute: these snapshots have a number behind the time.</summary>
    public static (SnapshotPeriod Period, DateTimeOffset Time)? TryParse(string name)
    {
        foreach (var period in All.Where(p => name.StartsWith(p.prefix, StringComparison.Ordinal)))
        {
            var said = name[period.prefix.Length..];
            var end = said.IndexOf('Z', StringComparison.Ordinal) + 1;
            if (Timestamp.TryReadMinute(said[..end]) is { } time
                && (end == said.Length || (!period.IsTimed && IsNumber(said[end..]))))
            {
                return (period, time);
            }
        }

        return null;
    }

    /// <summary>Whether two times lie in the same period: the same hour, day, week from Monday, month or year.</summary>
    public bool Holds(DateTimeOffset one, DateTimeOffset other) =>
        begin is not null && begin(one.ToUniversalTime()) == begin(other.ToUniversalTime());

    public override string ToString() => Word;

    private static bool IsNumber(string text) => text.Length is > 1 and < 6 && text[0] == '-' && text.Skip(1).All(char.IsAsciiDigit);

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan length) =>
        new(time.Ticks - (time.Ticks % length.Ticks), default);
}
