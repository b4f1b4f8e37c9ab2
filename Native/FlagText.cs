using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>File flags as the words of chflags(1), separated by commas.</summary>
internal static class FlagText
{
    /// <summary>The names of these flags; a flag without a name is left out.</summary>
    public static string Of(int flags) => string.Join(',', FlagNames.All.Where(n => (flags & n.Flag) != 0).Select(n => n.Name));

    /// <summary>The flags with these names; names that this system does not know are passed to <paramref name="unknown"/>.</summary>
    public static int Parse(string text, Action<string> unknown)
    {
        var flags = 0;
        foreach (var word in (IEnumerable<string>)text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var found = FlagNames.All.FirstOrDefault(n => n.Name == word).Flag;
            flags |= found;
            if (found == 0)
            {
                unknown(word);
            }
        }

        return flags;
    }
}
