using System;
using System.Globalization;

namespace Kvol.Storage.Values;

/// <summary>Numbers of bytes as zfs(8) writes them: digits, perhaps a fraction, and K, M, G, T, P or E for powers of 1024.</summary>
internal static class Size
{
    private const string Units = "BKMGTPE";

    /// <summary>The number of bytes; null for null and <c>none</c>. An error (64) that names <paramref name="subject"/>
    /// otherwise.</summary>
    public static ulong? Parse(string subject, string? text)
    {
        if (text is null or "none")
        {
            return null;
        }

        var digits = text.TrimEnd('b', 'B', 'i');
        var unit = digits.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal) : -1;
        var number = unit > 0 ? digits[..^1] : digits;
        var value = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed)
            ? parsed * (1UL << (10 * Math.Max(unit, 0))) : -1;
        return value is >= 0 and <= ulong.MaxValue && (unit > 0 || value == Math.Floor(value)) ? (ulong)value
            : throw new KvolException(ExitStatus.Usage, $"{subject} {text}",
                "a size is a number of bytes, or one with K, M, G, T or P behind it, for example 10G");
    }

    /// <summary>For people: one decimal and a unit.</summary>
    public static string Text(ulong bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return unit == 0 ? $"{bytes}B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.#}{Units[unit]}");
    }
}
