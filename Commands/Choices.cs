using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Commands;

/// <summary>A word that may stand where the cursor is, and what it means.</summary>
internal readonly record struct Choice(string Word, string Meaning = "");

/// <summary>The paths that a shell may offer besides.</summary>
internal enum Paths
{
    None, Directories, Files,
}

/// <summary>What may stand where the cursor is. <paramref name="Head"/> is what stands before a path in the same word.</summary>
internal sealed record Choices(IReadOnlyList<Choice> Words, Paths Paths = Paths.None, string Head = "")
{
    public static readonly Choices None = new([]);

    public static Choices Of(IEnumerable<string> words, string head = "") => new([.. words.Select(w => new Choice(head + w))]);

    /// <summary>Those that begin with a text, each once, in order. A word with control characters is left out: each is printed on a
    /// line.</summary>
    public Choices Matching(string begin) => this with
    {
        Words = [.. Words.Where(w => w.Word.StartsWith(begin, StringComparison.Ordinal) && !w.Word.Any(char.IsControl))
            .DistinctBy(w => w.Word).OrderBy(w => w.Word, StringComparer.Ordinal)],
    };

    /// <summary>For scripts: a line for each word, its meaning behind a tab. A line that begins with a colon names the paths.</summary>
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
