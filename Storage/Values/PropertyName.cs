using System;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>A property that <c>set</c> and <c>get</c> know, valid by construction.</summary>
internal sealed record PropertyName
{
    /// <summary>The limit of a label's value, in characters.</summary>
    public const int LongestLabel = 1024;

    /// <summary>The property that limits the bytes of a volume.</summary>
    public const string Quota = "quota";

    /// <summary>The property that holds the policy of snapshots.</summary>
    public const string Policy = "snapshots";

    /// <summary>What a label may be.</summary>
    public const string LabelForm = "a label is KEY=VALUE in UTF-8; a key has lower-case letters, digits, '_', '.' and '-'";

    private const string LabelPrefix = "label.";

    private static readonly string[] Known = [Quota, "reservation", "compression", "recordsize", "atime", "readonly", Policy];

    private PropertyName(string text) => Text = text;

    public string Text { get; }

    /// <summary>The key of a label, or null.</summary>
    public string? Label => Text.StartsWith(LabelPrefix, StringComparison.Ordinal) ? Text[LabelPrefix.Length..] : null;

    /// <summary>Whether its value is a policy of snapshots.</summary>
    public bool IsPolicy => Text == Policy;

    /// <summary>Whether <c>inspect</c> shows it under a key of its own.</summary>
    public bool HasKeyOfItsOwn => Text is Quota or Policy || Label is not null;

    /// <summary>All but the labels.</summary>
    public static PropertyName[] All => [.. Known.Select(k => new PropertyName(k))];

    public static PropertyName OfLabel(string key) => new(LabelPrefix + key);

    /// <summary>Whether <c>set</c> takes a property of this name.</summary>
    public static bool Knows(string text) => Known.Contains(text);

    /// <summary>The property, or an error (64).</summary>
    public static PropertyName Parse(string text) =>
        Known.Contains(text) || (text.StartsWith(LabelPrefix, StringComparison.Ordinal) && IsKey(text[LabelPrefix.Length..]))
            ? new PropertyName(text)
        : throw new KvolException(ExitStatus.Usage, new ByteString(text).ToString(),
            $"not a property; known: {string.Join(' ', Known)} label.KEY");

    /// <summary>PROP=VALUE, or an error (64).</summary>
    public static (PropertyName Name, string Value) ParseAssignment(string text)
    {
        var (key, value) = KeyValue.Split(text);
        if (key.Length == 0 || value is null)
        {
            throw new KvolException(ExitStatus.Usage, new ByteString(text).ToString(), "is not PROP=VALUE");
        }

        var name = Parse(key);
        return name.IsPolicy ? (name, SnapshotPolicy.ParseValue(value)) : name.Label is null || IsLabel(value) ? (name, value)
            : throw new KvolException(ExitStatus.Usage, name.Text, $"a label is UTF-8 text of at most {LongestLabel} characters");
    }

    /// <summary>Whether a label may have this value. A value that was not UTF-8 on the command line could not be shown unchanged.</summary>
    public static bool IsLabel(string value) => value.Length <= LongestLabel && !value.Contains('\uFFFD', StringComparison.Ordinal);

    public override string ToString() => Text;

    /// <summary>Whether a label may have this key.</summary>
    public static bool IsKey(string key) =>
        key.Length is > 0 and <= 128 && key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-');
}
