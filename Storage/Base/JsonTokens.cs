using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Reads a JSON file that a person wrote, token by token: every error (65) names the file and the line, and the memory
/// does not grow with the file. The methods read what follows in the file.</summary>
/// <param name="text">The whole file, in UTF-8.</param>
/// <param name="file">What messages call it.</param>
internal sealed class JsonTokens(ReadOnlyMemory<byte> text, string file)
{
    private const int Deepest = 16, LongestText = 64 * 1024;

    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = Deepest });
    private int next, start, counted, lines = 1;
    private JsonTokenType type;
    private string? value;

    /// <summary>The line of the last token.</summary>
    public int Line
    {
        get
        {
            lines += text.Span[counted..start].Count((byte)'\n');
            counted = start;
            return lines;
        }
    }

    /// <summary>The error (65) for the last token.</summary>
    public KvolException Wrong(string reason, ExitStatus status = ExitStatus.Damaged) => WrongAt(Line, reason, status);

    /// <summary>The error (65) for a line.</summary>
    public KvolException WrongAt(int line, string reason, ExitStatus status = ExitStatus.Damaged) =>
        new(status, file, $"line {line}: {reason}");

    /// <summary>Begins with the first value, which is an object.</summary>
    public void Document(string what, IReadOnlyList<string> keys, Action<string> member) => Document(() => Object(what, keys, member));

    /// <summary>The same of an object that another program wrote, which may have more keys.</summary>
    public void Document(string what, Action<string> member) => Document(() => Members(what, member));

    private void Document(Action top)
    {
        Read();
        top();
        if (Advance())
        {
            throw Wrong("there is more after the end of the object");
        }
    }

    /// <summary>An object with only these keys, each at most once. <paramref name="member"/> reads the value of one.</summary>
    public void Object(string what, IReadOnlyList<string> keys, Action<string> member) => Members(what, key =>
    {
        if (!keys.Contains(key))
        {
            throw Wrong($"unknown key {Shown.Word(key)} in {what}; known: {string.Join(' ', keys)}");
        }

        member(key);
    });

    /// <summary>An object with any keys, each at most once.</summary>
    public void Members(string what, Action<string> member)
    {
        Require(JsonTokenType.StartObject, what, "an object { }");
        var given = new HashSet<string>();
        for (Read(); type != JsonTokenType.EndObject; Read())
        {
            var key = value!;
            if (!given.Add(key))
            {
                throw Wrong($"the key {Shown.Word(key)} is given twice in {what}");
            }

            Read();
            member(key);
        }
    }

    /// <summary>An array; <paramref name="element"/> reads one of its elements.</summary>
    public void Array(string what, Action element)
    {
        Require(JsonTokenType.StartArray, what, "an array [ ]");
        for (Read(); type != JsonTokenType.EndArray; Read())
        {
            element();
        }
    }

    /// <summary>Passes over a value, whatever it is.</summary>
    public void Skip()
    {
        for (var depth = 0; ; Read())
        {
            depth += type is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1
                : type is JsonTokenType.EndObject or JsonTokenType.EndArray ? -1 : 0;
            if (depth == 0)
            {
                return;
            }
        }
    }

    /// <summary>Whether the value is null.</summary>
    public bool IsNull => type == JsonTokenType.Null;

    /// <summary>Whether the value is a text.</summary>
    public bool IsText => type == JsonTokenType.String;

    /// <summary>A text without NUL, which no name or path has.</summary>
    public string Text(string what)
    {
        Require(JsonTokenType.String, what, "a text");
        return value!.Contains('\0', StringComparison.Ordinal) ? throw Wrong($"{what} has a NUL character") : value;
    }

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(string what) => IsNull ? null : Text(what);

    /// <summary>true or false.</summary>
    public bool Boolean(string what) =>
        type is JsonTokenType.True or JsonTokenType.False ? type == JsonTokenType.True : throw Wrong($"{what} must be true or false");

    /// <summary>A number without fraction and sign, in digits.</summary>
    public ulong Number(string what)
    {
        Require(JsonTokenType.Number, what, "a whole number");
        return ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Wrong($"{what} must be a whole number");
    }

    private void Require(JsonTokenType wanted, string what, string described)
    {
        if (type != wanted)
        {
            throw Wrong($"{what} must be {described}");
        }
    }

    private void Read()
    {
        if (!Advance())
        {
            throw Wrong("the file ends in the middle");
        }
    }

    private bool Advance()
    {
        try
        {
            var reader = new Utf8JsonReader(text.Span[next..], isFinalBlock: true, state);
            if (!reader.Read())
            {
                return false;
            }

            start = next + (int)reader.TokenStartIndex;
            if (reader.ValueSpan.Length > LongestText)
            {
                throw Wrong($"a text or number is longer than {LongestText} bytes");
            }

            (type, state, next) = (reader.TokenType, reader.CurrentState, next + (int)reader.BytesConsumed);
            value = type is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString()
                : type == JsonTokenType.Number ? System.Text.Encoding.ASCII.GetString(reader.ValueSpan) : null;
            return true;
        }
        catch (JsonException e)
        {
            throw WrongAt((int)(e.LineNumber ?? 0) + 1, "is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw Wrong("a text is not valid UTF-8");
        }
    }
}
