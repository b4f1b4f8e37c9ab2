using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>The name of a volume, valid by construction: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}</c>.</summary>
internal sealed record VolumeName
{
    /// <summary>Of a random name.</summary>
    public const int RandomLength = 12;

    private const int MaximumLength = 128;

    private VolumeName(string text) => Text = text;

    public string Text { get; }

    /// <summary>As a file name.</summary>
    public ByteString Bytes => new(Text);

    /// <summary>Whether the text is a name.</summary>
    public static bool IsValid(string text)
    {
        if (text.Length is 0 or > MaximumLength || !char.IsAsciiLetterOrDigit(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The name, or an error (64) that says what is wrong with the text.</summary>
    public static VolumeName Parse(string text) => IsValid(text)
        ? new VolumeName(text)
        : throw new KvolException(ExitStatus.Usage, Text1(text), text switch
        {
            "" => "a volume needs a name",
            { Length: > MaximumLength } => $"a volume name has at most {MaximumLength} characters",
            _ when text.Contains('@', System.StringComparison.Ordinal) =>
                "not a volume name (snapshots are not volumes); letters, digits, '_', '.' and '-', starting with a letter or digit",
            _ when text.Contains('/', System.StringComparison.Ordinal) =>
                "not a volume name; for a directory of the host give an absolute path, or one that starts with ./ or ../",
            _ => "not a volume name; letters, digits, '_', '.' and '-', starting with a letter or digit",
        });

    /// <summary>A random name of hex digits.</summary>
    public static VolumeName Random() => new(RandomHex.Of(RandomLength));

    public override string ToString() => Text;

    private static string Text1(string text) =>
        text.Length == 0 ? "''" : new ByteString(text.Length > 80 ? text[..80] + "..." : text).ToString();
}
