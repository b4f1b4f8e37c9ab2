using System;

namespace Kvol.Storage.Values;

/// <summary>Patterns of names as sh(1) has them: <c>*</c>, <c>?</c>, sets such as <c>[a-z]</c> and <c>[!0-9]</c>, and <c>\</c> before a
/// character that stands for itself.</summary>
internal static class Glob
{
    /// <summary>Whether the whole name matches. Takes at most the product of both lengths.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n) = (0, 0);
        var (star, mark) = (-1, 0); // the last '*', and where in the name it has got to
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && One(pattern, ref p, name[n]))
            {
                n++;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    // Matches one character against the pattern at p; moves p behind it on a match.
    private static bool One(string pattern, ref int p, char c)
    {
        var (matches, end) = pattern[p] switch
        {
            '?' => (true, p + 1),
            '[' when End(pattern, p) is > 0 and var closing => (InSet(pattern.AsSpan(p + 1, closing - p - 1), c), closing + 1),
            '\\' when p + 1 < pattern.Length => (pattern[p + 1] == c, p + 2),
            var same => (same == c, p + 1),
        };
        p = matches ? end : p;
        return matches;
    }

    // The end of the set that begins at p; a bracket right after its beginning belongs to the set. 0 when the set does not end and so is
    // not a set.
    private static int End(string pattern, int p)
    {
        var from = p + 1 + (p + 1 < pattern.Length && pattern[p + 1] is '!' or '^' ? 1 : 0);
        return from + 1 >= pattern.Length ? 0 : Math.Max(0, pattern.IndexOf(']', from + 1));
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        var negated = set[0] is '!' or '^';
        set = negated ? set[1..] : set;
        var found = false;
        while (!set.IsEmpty)
        {
            var range = set.Length > 2 && set[1] == '-';
            found |= range ? set[0] <= c && c <= set[2] : set[0] == c;
            set = set[(range ? 3 : 1)..];
        }

        return found != negated;
    }
}
