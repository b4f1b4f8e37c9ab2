using System;

namespace Kvol.Storage.Values;

/// <summary>A text such as <c>KEY=VALUE</c>.</summary>
internal static class KeyValue
{
    /// <summary>What is before the first equals sign, and behind it; the value is null where there is no such sign.</summary>
    public static (string Key, string? Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }
}
