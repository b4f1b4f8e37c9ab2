using System;
using System.Text.Json;

namespace Kvol.Storage.Base;

/// <summary>Strings in JSON files that kvol wrote, and that another program or a crash may have changed.</summary>
internal static class JsonText
{
    /// <summary>A text, never null and without NUL, which no name or path has; else a <see cref="FormatException"/> or
    /// <see cref="InvalidOperationException"/>.</summary>
    public static string Text(this JsonElement value) =>
        value.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text : throw new FormatException();
}
