using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Commands;

/// <summary>A command line as it stands in a shell, up to the cursor: cut into words as sh(1) does it, with nothing expanded. The shell
/// replaces only the part of the last word that stands behind the last open quote or, outside of quotes, behind the last of
/// <paramref name="breaks"/>.</summary>
internal sealed class TypedLine
{
    private const string Plain = "_./:=@%+,-";

    private readonly List<string> words = [];
    private readonly StringBuilder word = new();
    private readonly string breaks;
    private char quote;
    private bool begun;
    private int kept;

    public TypedLine(string text, string breaks)
    {
        this.breaks = breaks;
        for (var i = 0; i < text.Length; i++)
        {
            var isEscape = text[i] == '\\' && quote != '\'' && i + 1 < text.Length
                && (quote == '\0' || "$`\"\\".Contains(text[i + 1], StringComparison.Ordinal));
            if (isEscape)
            {
                Add(text[++i]);
            }
            else
            {
                Take(text[i]);
            }
        }

        words.Add(word.ToString());
    }

    /// <summary>The words without their quotes; the last one is being typed, and may be empty.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>A word as the shell has to insert it, to go on with the last one.</summary>
    public string Insert(string choice) => string.Concat(choice.Skip(kept).Select(Quoted));

    private string Quoted(char c) => quote switch
    {
        '\'' => c == '\'' ? "'\\''" : $"{c}",
        '"' => c is '"' or '$' or '`' or '\\' ? $"\\{c}" : $"{c}",
        _ => char.IsAsciiLetterOrDigit(c) || c > '~' || Plain.Contains(c, StringComparison.Ordinal) ? $"{c}" : $"\\{c}",
    };

    private void Take(char c)
    {
        if (quote != '\0' ? c == quote : c is '\'' or '"')
        {
            quote = quote != '\0' ? '\0' : c;
            begun = true;
            kept = quote != '\0' ? word.Length : 0;
        }
        else if (quote == '\0' && c is ' ' or '\t' or '\n')
        {
            End();
        }
        else
        {
            Add(c);
            kept = quote == '\0' && breaks.Contains(c, StringComparison.Ordinal) ? word.Length : kept;
        }
    }

    private void Add(char c)
    {
        word.Append(c);
        begun = true;
    }

    private void End()
    {
        if (begun)
        {
            words.Add(word.ToString());
        }

        word.Clear();
        (begun, kept) = (false, 0);
    }
}
