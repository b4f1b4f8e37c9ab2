using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>The name that a jail is attached under: as the kernel has it, dots of nested jails included.</summary>
internal static class JailName
{
    private const int MaximumLength = 240; // FreeBSD allows 255 (MAXHOSTNAMELEN)

    /// <summary>The name, or an error (64). A name of digits is valid: the kernel gives one to a jail that was created without a
    /// name.</summary>
    public static string Parse(string text)
    {
        var reason = text.Length == 0 ? "the jail's name is missing"
            : text.Length > MaximumLength ? $"a jail's name has at most {MaximumLength} characters"
            : text[0] is '-' or '.' || text.Any(c => c is '/' or '\uFFFD' || char.IsControl(c) || char.IsWhiteSpace(c))
                ? "a jail's name has no slash, space or control character, and does not begin with '-' or '.'"
            : null;
        return reason is null ? text
            : throw new KvolException(ExitStatus.Usage, new ByteString(text.Length == 0 ? "''" : text).ToString(), reason);
    }
}
