using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>A list of SPECs is split into words as xargs(1) splits it.</summary>
public class ListsOfWords
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\n", "")]
    [InlineData("a b\tc\nd", "1a 1b 1c 2d")]
    [InlineData("'a b' c", "1a_b 1c")]
    [InlineData("x'a b'\"c d\"y", "1xa_bc_dy")]
    [InlineData("'a\\:b:/c'", "1a\\:b:/c")]
    [InlineData("a\\ b \\'c\\\\", "1a_b 1'c\\")]
    [InlineData("\"it's\"", "1it's")]
    [InlineData("''", "1")]
    [InlineData("# a comment\nb # another\nc#d '#e'", "2b 3c#d 3#e")]
    [InlineData("# the end", "")]
    [InlineData("a\r\nb\r\n", "1a 2b")]
    [InlineData("\n\na", "3a")]
    public void Words(string text, string words) => Assert.Equal(words, string.Join(' ', Parse(text)));

    [Theory]
    [InlineData("a 'b", "1: a quotation mark ' is not closed")]
    [InlineData("a\nb \"c\nd\"", "2: a quotation mark \" is not closed")]
    [InlineData("a \\", "1: a backslash has no character after it")]
    [InlineData("a\\\nb", "1: a backslash has no character after it")]
    [InlineData("a\n\0", "2: holds a NUL character, so it is not a list of words")]
    [InlineData("a\n'\0'", "2: holds a NUL character, so it is not a list of words")]
    [InlineData("\\\0", "1: a backslash has no character after it")]
    public void Mistakes(string text, string message) =>
        Assert.Equal(message, Assert.Throws<KvolException>(() => Parse(text)).Message);

    [Fact]
    public void Any_text_is_words_or_a_mistake_in_one_of_its_lines()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "ab:/'\"\\# \n\t\r\0é"[random.Next(14)]));
            try
            {
                Assert.All(QuotedWords.Parse(text, Error), w => Assert.InRange(w.Line, 1, 1 + text.Count(c => c == '\n')));
            }
            catch (KvolException e)
            {
                Assert.InRange(int.Parse(e.Message.Split(':')[0], null), 1, 1 + text.Count(c => c == '\n'));
            }
        }
    }

    private static IEnumerable<string> Parse(string text) =>
        QuotedWords.Parse(text, Error).Select(w => $"{w.Line}{w.Word.Replace(' ', '_')}");

    private static KvolException Error(int line, string reason) => new(ExitStatus.Damaged, $"{line}", reason);
}
