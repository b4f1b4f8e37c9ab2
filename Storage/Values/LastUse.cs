using System;
using System.Linq;
using System.Text;
using System.Text.Unicode;

namespace Kvol.Storage.Values;

/// <summary>What is recorded of the last use of a volume.</summary>
/// <param name="At">When it was last mounted or unmounted; null: not since kvol keeps a record of it.</param>
/// <param name="Jail">The jail that it was mounted for then; null if it was none.</param>
/// <param name="Since">The time from which it counts as unused, if nothing uses it: <paramref name="At"/>, or when kvol first saw
/// it.</param>
internal sealed record LastUse(DateTimeOffset? At, string? Jail, DateTimeOffset Since)
{
    private const int TimeLength = 27;

    /// <summary>Whether the last use is at least this long ago.</summary>
    public bool IsOlderThan(TimeSpan time) => DateTimeOffset.UtcNow - Since >= time;

    /// <summary>Of a volume that was not used since kvol first saw it.</summary>
    public static LastUse None(DateTimeOffset seen) => new(null, null, seen);

    /// <summary>One line: the time, and the jail if there is one.</summary>
    public static string Text(DateTimeOffset at, string? jail) => $"{Timestamp.Text(at)}{(jail is null ? "" : " " + jail)}\n";

    /// <summary>What <see cref="Text"/> wrote; null for anything else. A shorter record may be followed by the rest of a longer one that
    /// was there before.</summary>
    public static LastUse? TryParse(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        if (end < TimeLength || !Utf8.IsValid(text[..end]))
        {
            return null;
        }

        var line = Encoding.UTF8.GetString(text[..end]);
        var jail = line[TimeLength..];
        return line[TimeLength - 1] == 'Z' && Timestamp.TryRead(line[..TimeLength]) is { } at && (jail.Length == 0 || IsWord(jail))
            ? new LastUse(at, jail.Length == 0 ? null : jail[1..], at) : null;
    }

    private static bool IsWord(string text) =>
        text.Length > 1 && text[0] == ' ' && !text.Skip(1).Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
}
