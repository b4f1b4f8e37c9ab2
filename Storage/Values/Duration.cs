using System;
using System.Globalization;

namespace Kvol.Storage.Values;

/// <summary>Lengths of time as people type them: <c>90</c> or <c>90s</c> are seconds, <c>30m</c> minutes, <c>12h</c> hours, <c>7d</c> days,
/// <c>2w</c> weeks.</summary>
internal static class Duration
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36500);

    /// <summary>The duration, or null when the text is not one.</summary>
    public static TimeSpan? TryParse(string text)
    {
        var seconds = text.Length == 0 ? 0 : text[^1] switch
        {
            >= '0' and <= '9' => 1,
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'w' => 7 * 86400,
            _ => 0,
        };
        var number = seconds == 0 || char.IsAsciiDigit(text[^1]) ? text : text[..^1];
        return seconds > 0 && number.Length > 0 && char.IsAsciiDigit(number[0]) && char.IsAsciiDigit(number[^1])
            && decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value <= (decimal)Longest.TotalSeconds / seconds
            ? TimeSpan.FromSeconds((double)(value * seconds)) : null;
    }

    /// <summary>The duration, or an error (64) that names the option.</summary>
    public static TimeSpan Parse(string option, string text) => TryParse(text)
        ?? throw new KvolException(ExitStatus.Usage, $"{option} {text}",
            "is not a time; write seconds, or a number followed by m, h, d or w: 90, 30m, 12h, 7d");
}
