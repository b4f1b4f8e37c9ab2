using System;
using System.Collections.Generic;
using System.Text.Json;
using Kvol.Native;
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

    /// <summary>A member that is a text; "" if it is none.</summary>
    public static string TextOf(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.String } text && TryText(text, out var found) ? found : "";

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
                if (text.Value.ValueKind == JsonValueKind.String && TryText(text.Value, out var found))
                {
                    texts[text.Name] = found;
                }
            }
        }

        return texts;
    }

    // A NUL is in no path and no name, and half a surrogate pair in no text.
    private static bool TryText(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return !text.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
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
