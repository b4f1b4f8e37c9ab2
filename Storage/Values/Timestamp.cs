using System;
using System.Globalization;

namespace Kvol.Storage.Values;

/// <summary>Times as kvol writes and reads them.</summary>
internal static class Timestamp
{
    // People may give a date, with or without the time of day.
    private static readonly string[] Typed =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>RFC 3339, UTC, for records and programs.</summary>
    public static string Text(DateTimeOffset time)
    {
        // The round-trip format has one digit more, and takes a small part of the time that a pattern does.
        Span<char> text = stackalloc char[28];
        _ = time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[26] = 'Z';
        return new string(text[..27]);
    }

    private const string MinuteFormat = "yyyy-MM-dd-HHmm'Z'";

    /// <summary>UTC, to the minute, for names of snapshots.</summary>
    public static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString(MinuteFormat, CultureInfo.InvariantCulture);

    /// <summary>What <see cref="Minute"/> wrote; null for anything else.</summary>
    public static DateTimeOffset? TryReadMinute(string text) => DateTimeOffset.TryParseExact(text, MinuteFormat,
        CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>What <see cref="Text"/> wrote; null for anything else.</summary>
    public static DateTimeOffset? TryRead(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>For people: local, to the second.</summary>
    public static string Local(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>What people type: a length of time before now, or a date with or without the time of day, local unless it says otherwise;
    /// null for anything else.</summary>
    public static DateTimeOffset? TryParse(string text) => Duration.TryParse(text) is { } ago ? DateTimeOffset.UtcNow - ago
        : DateTimeOffset.TryParseExact(text, Typed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time : null;
}
