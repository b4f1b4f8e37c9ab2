using System;
using System.Collections.Generic;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Files of other programs, by path. Their owners are root, and kvol only reads them.</summary>
internal static class ForeignFiles
{
    /// <summary>The bytes of a file; null if there is none. An error (65) above 16 MiB.</summary>
    public static ForeignBytes? Find(string path)
    {
        try
        {
            return SmallFile.Find(new ByteString(path)) is { } all ? new ForeignBytes(all, new ByteString(path).ToString()) : null;
        }
        catch (NativeException e) when (e.Failure == Failure.TooBig)
        {
            throw new KvolException(ExitStatus.Damaged, new ByteString(path).ToString(), "is larger than 16 MiB");
        }
    }

    /// <summary>The names of the directories in a directory, sorted; an error (66) if it is not there.</summary>
    public static IReadOnlyList<string> Directories(string path)
    {
        using var directory = Open(path);
        var names = new List<string>();
        var reader = new DirectoryReader();
        reader.Start(directory);
        while (reader.MoveNext())
        {
            if (reader.Kind is FileKind.Directory or FileKind.Unknown)
            {
                names.Add(reader.Name.ToString());
            }
        }

        names.Sort(string.CompareOrdinal);
        return names;
    }

    /// <summary>Whether a path leads to a directory.</summary>
    public static bool IsDirectory(string path)
    {
        try
        {
            Files.OpenDirectory(new ByteString(path)).Dispose();
            return true;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return false;
        }
    }

    /// <summary>Parses a text in JSON; an error (65) that names the file.</summary>
    public static JsonElement Json(ReadOnlyMemory<byte> text, ForeignBytes file)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } value ? value : throw file.Damaged();
        }
        catch (JsonException)
        {
            throw file.Damaged();
        }
    }

    /// <summary>A member of an object; null if it is not there, or is null.</summary>
    public static JsonElement? Member(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member : null;

    /// <summary>A member that is a text; "" if it is not.</summary>
    public static string TextOf(this JsonElement value, string name) =>
        value.Member(name) is { } text && TryText(text, out var found) ? found : "";

    /// <summary>A member that is true.</summary>
    public static bool Says(this JsonElement value, string name) => value.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The members of an object whose values are texts.</summary>
    public static SortedDictionary<string, string> TextsOf(this JsonElement value, string name)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (value.Member(name) is { ValueKind: JsonValueKind.Object } member)
        {
            foreach (var text in member.EnumerateObject())
            {
                if (TryText(() => text.Name, out var key) && TryText(text.Value, out var found))
                {
                    texts[key] = found;
                }
            }
        }

        return texts;
    }

    /// <summary>The texts in an array; empty if it is not an array.</summary>
    public static IEnumerable<string> Texts(this JsonElement? list)
    {
        foreach (var element in list.Elements())
        {
            if (TryText(element, out var text))
            {
                yield return text;
            }
        }
    }

    /// <summary>The elements of an array; empty if it is not one.</summary>
    public static IEnumerable<JsonElement> Elements(this JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static bool TryText(JsonElement value, out string text)
    {
        text = "";
        return value.ValueKind == JsonValueKind.String && TryText(() => value.Text(), out text);
    }

    // Half a surrogate pair, which JSON can escape, is not text.
    private static bool TryText(Func<string> read, out string text)
    {
        try
        {
            text = read();
            return true;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static Fd Open(string path)
    {
        try
        {
            return Files.OpenDirectory(new ByteString(path));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(path).ToString(),
                e.Failure == Failure.NotFound ? "does not exist" : "is not a directory");
        }
    }
}
