using System;
using System.Collections.Generic;
using System.Text;

namespace Kvol.Storage.Values;

/// <summary>Words in a text, separated by blanks and lines and quoted as for xargs(1): quotation marks of either kind around a part of a
/// word, a backslash before a single character. A word that begins with <c>#</c> begins a comment to the end of its line.</summary>
internal static class QuotedWords
{
    /// <summary>The words, each with the number of its line. <paramref name="wrong"/> makes the error for a line and a reason.</summary>
    public static List<(string Word, int Line)> Parse(string text, Func<int, string, KvolException> wrong)
    {
        var words = new List<(string Word, int Line)>();
        var word = new StringBuilder();
        var (line, isOpen, quote) = (1, false, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0')
            {
                throw wrong(line, "holds a NUL character, so it is not a list of words");
            }

            if (quote != '\0' && c != quote)
            {
                word.Append(c != '\n' ? c : throw NotClosed());
            }
            else if (c is '\'' or '"')
            {
                (quote, isOpen) = (quote == '\0' ? c : '\0', true);
            }
            else if (c == '\\')
            {
                word.Append(++i < text.Length && text[i] is not ('\n' or '\0') ? text[i]
                    : throw wrong(line, "a backslash has no character after it"));
                isOpen = true;
            }
            else if (c == '#' && !isOpen)
            {
                i = text.IndexOf('\n', i) is >= 0 and var end ? end - 1 : text.Length;
            }
            else if (c is not (' ' or '\t' or '\r' or '\n'))
            {
                word.Append(c);
                isOpen = true;
            }
            else
            {
                End();
                line += c == '\n' ? 1 : 0;
            }
        }

        if (quote != '\0')
        {
            throw NotClosed();
        }

        End();
        return words;

        KvolException NotClosed() => wrong(line, $"a quotation mark {quote} is not closed");

        void End()
        {
            if (isOpen)
            {
                words.Add((word.ToString(), line));
                word.Clear();
                isOpen = false;
            }
        }
    }
}
