using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>File flags as the words of chflags(1), separated by commas.</summary>
internal static class FlagText
{
    /// <summary>The words for the flags that have one.</summary>
    public static string Of(int flags) => string.Join(',', FlagNames.All.Where(n => (flags & n.Flag) != 0).Select(n => n.Name));

    /// <summary>The flags that the words stand for; those that this system does not know are given to <paramref name="unknown"/>.</summary>
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
