using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The command that takes back what a command did.</summary>
internal static class WayBack
{
    /// <summary>Shows it in one line that can be typed, for the store that this command worked on.</summary>
    public static void Say(Context context, string what, string verb, params IEnumerable<string> words) =>
        Say(context, what, [[verb, .. words]]);

    /// <summary>The same of several commands, the next one if the last one was done. The first word of each is its verb.</summary>
    public static void Say(Context context, string what, IReadOnlyList<IReadOnlyList<string>> commands)
    {
        string[] root = context.Configuration.GivenRoot is { } given ? ["--root", given] : [];
        context.Hint($"{what}: " + string.Join(" && ", commands.Select(words =>
            $"kvol {string.Join(' ', words.Take(1).Concat(root).Concat(words.Skip(1)).Select(Shown.Quoted))}")));
    }
}
