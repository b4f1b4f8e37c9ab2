using System;
using System.Globalization;

namespace Kvol.Storage.Values;

/// <summary>Numbers of bytes as zfs(8) writes them: digits, perhaps a fraction, and K, M, G, T, P or E for powers of 1024.</summary>
internal static class Size
{
    private const string Units = "BKMGTPEZ";

    /// <summary>The number of bytes; null for null and <c>none</c>. An error (64) that names <paramref name="subject"/> otherwise. What is
    /// behind the number is as zfs(8) takes it: B, or one of K, M, G, T, P, E and Z, alone or with B or iB, in either case.</summary>
    public static ulong? Parse(string subject, string? text)
    {
        if (text is null or "none")
        {
            return null;
        }

        var length = text.Length - text.AsSpan().TrimStart("0123456789.").Length;
        var (number, suffix) = (text[..length], text[length..].ToUpperInvariant());
        var unit = suffix.Length == 0 ? 0 : Units.IndexOf(suffix[0], StringComparison.Ordinal);
        var known = unit >= 0 && (suffix.Length <= 1 || (unit > 0 && suffix[1..] is "B" or "IB"));
        var value = known && decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed)
            && parsed < (decimal)ulong.MaxValue
            ? (double)parsed < Math.Pow(2, 64 - (10 * unit)) ? parsed * Power(unit) : -1 : -1;
        return value is >= 0 and <= ulong.MaxValue && (unit > 0 || value == Math.Floor(value)) ? (ulong)value
            : throw new KvolException(ExitStatus.Usage, $"{subject} {Shown.Word(text)}",
                "a size is a number of bytes, or a number followed by K, M, G, T or P, for example 10G");
    }

    private static decimal Power(int unit)
    {
        var power = 1m;
        for (; unit > 0; unit--)
        {
            power *= 1024;
        }

        return power;
    }

    /// <summary>The same number as <see cref="Parse"/> takes it, as short as it can be without loss.</summary>
    public static string Exact(ulong bytes)
    {
        var unit = 0;
        for (; bytes > 0 && bytes % 1024 == 0; unit++)
        {
            bytes /= 1024;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + (unit == 0 ? "" : Units[unit]);
    }

    /// <summary>For sentences: <c>1 byte</c>, <c>38 MiB</c>.</summary>
    public static string Words(long bytes) =>
        bytes == 1 ? "1 byte" : bytes < 1 << 10 ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes")
        : bytes < 1 << 20 ? $"{bytes >> 10} KiB" : bytes < 1L << 30 ? $"{bytes >> 20} MiB"
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB");

    /// <summary>For tables: one decimal and a unit.</summary>
    public static string Text(ulong bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        for (; Math.Round(value, 1) >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return unit == 0 ? $"{bytes}B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.#}{Units[unit]}");
    }
}
