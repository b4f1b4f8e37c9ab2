namespace Kvol.Tests.Support;

/// <summary>File names that often break programs. Each char is one byte.</summary>
internal static class Names
{
    public static readonly string[] Nasty =
    [
        " ", "a b", " leading", "trailing ", "new\nline", "tab\tbed", "cr\rlf", "-rf", "--", "..x", "...", ".hidden",
        "not\xff\xfeutf8", "\xc3\xa9", "half\xc3", new string('n', 255), "back\\slash", "co:lon", "com,ma", "*", "?", "[a-z]", "{a,b}", "~",
        "'quote'", "\"double\"", "$(touch x)", "`id`", ";ls", "a&b", "a|b", "#hash", "%s%n", "\x01", "\x7f", "\\040", "=",
    ];

    /// <summary>A name that a volume cannot have.</summary>
    public static readonly string[] BadVolumes =
    [
        "", ".", "..", ".hidden", "a/b", "../x", "a@b", "a#b", "a%b", "a b", "a\nb", "-x", "_x", "a*", "a:b", "\u00e9", new('x', 129),
            new('x', 300),
    ];
}
