using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The command that takes back what a command did.</summary>
internal static class WayBack
{
    /// <summary>Shows it in one line that can be typed, for the store that this command worked on.</summary>
    public static void Say(Context context, string what, string verb, params IEnumerable<string> words)
    {
        string[] root = context.Configuration.GivenRoot is { } given ? ["--root", given] : [];
        context.Hint($"{what}: kvol {string.Join(' ', root.Concat(words).Prepend(verb).Select(Shown.Quoted))}");
    }
}
