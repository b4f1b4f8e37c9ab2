using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Commands;

/// <summary>Finds the name that the user probably meant.</summary>
internal static class Nearest
{
    /// <summary><c>; did you mean 'NAME'?</c> for the name most similar to a word, or an empty text if none is similar.</summary>
    public static string Hint(string word, IEnumerable<string> names)
    {
        if (word.Length is 0 or > 40)
        {
            return "";
        }

        var lower = word.ToLowerInvariant();
        var (name, distance) = names.Select(n => (n, Distance(lower, n))).MinBy(n => n.Item2);
        var letters = Math.Min(word.Length, name.Length) - (name.StartsWith("--", StringComparison.Ordinal) ? 2 : 0);
        return distance <= Math.Max(1, letters / 3) ? Meant(name) : "";
    }

    /// <summary>The same for a verb, which other tools may call by another word; otherwise where all verbs are listed.</summary>
    public static string Verb(string word)
    {
        var same = word switch
        {
            "destroy" or "purge" or "del" => "rm",
            "new" or "add" or "make" => "create",
            "ps" or "status" => "mounts",
            "backup" or "save" or "send" => "export",
            "restore" or "load" or "receive" => "import",
            _ => null,
        };
        return same is not null ? Meant(same) : Hint(word, Verbs.Names()) is { Length: > 0 } hint ? hint : "; 'kvol help' lists them";
    }

    private static string Meant(string name) => $"; did you mean '{name}'?";

    // The number of letters to insert, remove, change, or swap with a neighbour.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 ? j : j == 0 ? i
                    : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
