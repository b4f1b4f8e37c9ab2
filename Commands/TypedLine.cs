using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Commands;

/// <summary>A command line in a shell, up to the cursor, split into words as by sh(1) but without expansion. The shell replaces only part
/// of the last word: the part after the last open quote or, outside of quotes, after the last of <paramref name="breaks"/>.</summary>
internal sealed class TypedLine
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-");

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

    /// <summary>The words without quotes; the last one is still being typed, and may be empty.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>A completed word in the form in which the shell must insert it to continue the last one.</summary>
    public string Insert(string choice)
    {
        var rest = choice[kept..];
        return rest.AsSpan().IndexOfAnyExcept(Plain) < 0 ? rest : string.Concat(rest.Select(Quoted));
    }

    private string Quoted(char c) => quote switch
    {
        '\'' => c == '\'' ? "'\\''" : $"{c}",
        '"' => c is '"' or '$' or '`' or '\\' ? $"\\{c}" : $"{c}",
        _ => c > '~' || Plain.Contains(c) ? $"{c}" : $"\\{c}",
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
