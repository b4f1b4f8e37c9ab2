using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Commands;

/// <summary>A word that may stand at the cursor, and what it means.</summary>
internal readonly record struct Choice(string Word, string Meaning = "");

/// <summary>The kinds of paths that a shell may offer in addition.</summary>
internal enum Paths
{
    None, Directories, Files,
}

/// <summary>What may stand at the cursor. <paramref name="Head"/> is the part of the same word before a path.</summary>
internal sealed record Choices(IReadOnlyList<Choice> Words, Paths Paths = Paths.None, string Head = "")
{
    public static readonly Choices None = new([]);

    public static Choices Of(IEnumerable<string> words, string head = "") => new([.. words.Select(w => new Choice(head + w))]);

    /// <summary>Those that begin with a text, each once, sorted. A word with control characters is left out, because the output has one
    /// word per line.</summary>
    public Choices Matching(string begin) => this with
    {
        Words = [.. Words.Where(w => w.Word.StartsWith(begin, StringComparison.Ordinal) && !HasControl(w.Word))
            .DistinctBy(w => w.Word).OrderBy(w => w.Word, StringComparer.Ordinal)],
    };

    private static bool HasControl(ReadOnlySpan<char> word) =>
        word.IndexOfAnyInRange('\0', '\x1f') >= 0 || word.IndexOfAnyInRange('\x7f', '\x9f') >= 0;

    /// <summary>For scripts: one line per word, with its meaning after a tab. A line that begins with a colon names the kind of
    /// paths.</summary>
    public string Lines()
    {
        var text = new StringBuilder();
        if (Paths != Paths.None)
        {
            text.Append(Paths == Paths.Files ? ":files" : ":directories").Append(Head.Length > 0 ? " " : "").Append(Head).Append('\n');
        }

        foreach (var (word, meaning) in Words)
        {
            text.Append(word).Append(meaning.Length > 0 ? "\t" : "").Append(meaning).Append('\n');
        }

        return text.ToString();
    }
}
