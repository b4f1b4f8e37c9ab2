using System;
using System.Buffers;
using System.Text;

namespace Kvol.Storage.Values;

/// <summary>Text that a user or a jail wrote, made safe for a terminal.</summary>
internal static class Shown
{
    private const int Longest = 120;

    private static readonly SearchValues<char> Safe = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%");

    /// <summary>The text with each character that a terminal would act on or not show as <c>\xNN</c> of its
    /// UTF-8 bytes. The same object where there is none.</summary>
    public static string Of(string text)
    {
        var first = 0;
        while (first < text.Length && text[first] is >= ' ' and <= '~')
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.AsSpan(first).EnumerateRunes())
        {
            if (!IsHidden(rune.Value))
            {
                shown.Append(rune);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                shown.Append("\\x").Append(b.ToString("x2", null));
            }
        }

        return shown.ToString();
    }

    /// <summary>A word of the command line in a message: safe, not too long, and visible when it is empty.</summary>
    public static string Word(string word) => word.Length == 0 ? "''" : Of(word.Length > Longest ? word[..Longest] + "..." : word);

    /// <summary>A word as it has to be typed in a shell. What a terminal must not see is typed as sh(1) takes it between <c>$'</c> and
    /// <c>'</c>.</summary>
    public static string Quoted(string word)
    {
        if (word.Length > 0 && word.AsSpan().IndexOfAnyExcept(Safe) < 0)
        {
            return word;
        }

        return Of(word) == word ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : $"$'{Of(word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal))}'";
    }

    // C0, DEL and C1, and every character that a terminal acts on or does not show: separators of lines, marks and overrides of
    // bidirectional text, joiners, selectors and fillers without width, tags.
    private static bool IsHidden(int c) => c is < ' ' or (>= 0x7f and < 0xa0) or 0xad or 0x034f or 0x061c or 0x115f or 0x1160 or 0x17b4
        or 0x17b5 or (>= 0x180b and <= 0x180f) or (>= 0x200b and <= 0x200f) or (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f)
        or 0x3164 or (>= 0xfe00 and <= 0xfe0f) or 0xfeff or 0xffa0 or (>= 0xfff0 and <= 0xfffb) or (>= 0xe0000 and <= 0xe0fff);
}
