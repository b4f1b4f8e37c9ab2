using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Small JSON files that are written atomically.</summary>
internal static class StateFile
{
    /// <summary>Escapes the same as the default encoder, which first computes tables for all of Unicode: that takes a fifth of the time of
    /// a mount.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.Create(UnicodeRanges.BasicLatin);

    /// <summary>Reads a file; null when it is not there, an error (65) when it is not JSON.</summary>
    public static JsonDocument? Read(Fd directory, string name) => Read(directory, new ByteString(name));

    /// <summary>The same for a file by its path. The document may use <paramref name="room"/> as its memory. A file that no jail can write
    /// to may have any size (<paramref name="isOwn"/>).</summary>
    public static JsonDocument? Read(Fd directory, CName name, byte[]? room = null, bool isOwn = false)
    {
        try
        {
            var limit = isOwn ? int.MaxValue : SmallFile.Largest;
            return SmallFile.Find(directory, name, room, limit) is { } text ? JsonDocument.Parse(text) : null;
        }
        catch (JsonException)
        {
            throw Damaged(directory, name, "not valid JSON");
        }
        catch (NativeException e)
            when (e.Failure is Failure.IsDirectory or Failure.Loop or Failure.NoDevice or Failure.WouldBlock or Failure.TooBig)
        {
            throw Damaged(directory, name, e.Failure == Failure.TooBig ? "is larger than 16 MiB" : "is not a regular file");
        }
    }

    /// <summary>Reads a file; returns the default when it is missing, damaged, or on a part of the disk that cannot be read.</summary>
    public static T? TryRead<T>(Fd directory, string name, Func<JsonElement, T> read)
    {
        try
        {
            return ReadChecked(directory, name, read);
        }
        catch (Exception e) when (e is KvolException or NativeException { Failure: Failure.Broken or Failure.NotPermitted })
        {
            return default;
        }
    }

    /// <summary>The same; an error (65) when it is damaged.</summary>
    public static T? ReadChecked<T>(Fd directory, string name, Func<JsonElement, T> read)
    {
        try
        {
            using var json = Read(directory, name);
            return json is null ? default : read(json.RootElement);
        }
        catch (Exception e) when (IsWrongValue(e))
        {
            throw Damaged(directory, new ByteString(name), "is not what kvol writes there");
        }
    }

    /// <summary>Replaces a file by rename(2), durably if <paramref name="durable"/>. The caller holds the lock that guards it.</summary>
    public static void Write(Fd directory, string name, Action<Utf8JsonWriter> content, bool durable = true)
    {
        var temporary = Unfinished(name);
        try
        {
            WriteNew(directory, temporary, content, durable);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            Files.Remove(directory, temporary); // a crash left it
            WriteNew(directory, temporary, content, durable);
        }

        try
        {
            Files.Rename(directory, temporary, directory, new ByteString(name));
        }
        catch (NativeException e) when (e.Failure == Failure.IsDirectory)
        {
            Files.Remove(directory, temporary);
            throw Refusals.InTheWay(directory, new ByteString(name), "is a directory", "a file", "what is in it");
        }

        if (durable)
        {
            Files.Sync(directory);
        }
    }

    /// <summary>Removes a file, and the temporary file that a crash left; missing files are not an error.</summary>
    public static void Remove(Fd directory, string name)
    {
        RemoveIfThere(directory, new ByteString(name));
        RemoveIfThere(directory, Unfinished(name));
    }

    /// <summary>Removes the temporary file that a crash left, or with <paramref name="dryRun"/> only finds it; its path, or null if there
    /// is none. The caller holds the lock that guards the file.</summary>
    public static string? SweepUnfinished(Fd directory, string name, bool dryRun)
    {
        if (!FindUnfinished(directory).Contains(name))
        {
            return null;
        }

        if (!dryRun)
        {
            RemoveIfThere(directory, Unfinished(name));
        }

        return $"{Files.PathOf(directory)}/{Unfinished(name)}";
    }

    /// <summary>The names of the files that are being written, or were when a crash came.</summary>
    public static IReadOnlyList<string> FindUnfinished(Fd directory)
    {
        var names = new List<string>();
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.Bytes is [(byte)'.', .. var rest] && rest.EndsWith(".json.new"u8))
            {
                names.Add(reader.Name.ToString()[1..^".new".Length]);
            }
        }

        return names;
    }

    /// <summary>The name that a file has while it is being written; a crash can leave it.</summary>
    public static ByteString Unfinished(string name) => new($".{name}.new");

    /// <summary>Writes a file that must not exist yet. Syncs the file if <paramref name="durable"/>, but not its directory.</summary>
    public static void WriteNew(Fd directory, ByteString name, Action<Utf8JsonWriter> content, bool durable = true)
    {
        var text = Text(content);
        using var file = Files.CreateNew(directory, name, Permissions.OwnerReadsAndWrites);
        Content.Write(file, text);
        if (durable)
        {
            Files.Sync(file);
        }
    }

    /// <summary>What such a file holds.</summary>
    public static ReadOnlySpan<byte> Text(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = Encoder }))
        {
            content(json);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan;
    }

    /// <summary>The error (65) of a file that kvol wrote and does not understand.</summary>
    public static KvolException Damaged(Fd directory, CName name, string what) =>
        new(ExitStatus.Damaged, $"{Files.PathOf(directory)}/{name.ToString()}", $"{what}; nothing was changed, restore this file");

    /// <summary>A value of a known type, or the error (65).</summary>
    public static T Get<T>(JsonElement element, string key, Func<JsonElement, T> read, Fd directory, CName file)
    {
        try
        {
            return read(element.GetProperty(key));
        }
        catch (Exception e) when (IsWrongValue(e))
        {
            throw WrongValue(directory, file, key);
        }
    }

    /// <summary>The same for a value that may be missing or null, which gives the default. The search for a name fails too if another
    /// name is damaged.</summary>
    public static T? Find<T>(JsonElement element, string key, Func<JsonElement, T> read, Fd directory, CName file)
    {
        try
        {
            return element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? read(value) : default;
        }
        catch (Exception e) when (IsWrongValue(e))
        {
            throw WrongValue(directory, file, key);
        }
    }

    private static void RemoveIfThere(Fd directory, ByteString file)
    {
        try
        {
            Files.Remove(directory, file);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.IsDirectory)
        {
            // a directory is not the file: Write names it
        }
    }

    /// <summary>What the JSON reader and the parsers of values throw.</summary>
    private static bool IsWrongValue(Exception e) =>
        e is InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException or IndexOutOfRangeException;

    private static KvolException WrongValue(Fd directory, CName file, string key) =>
        Damaged(directory, file, $"'{key}' is missing or of the wrong type");
}
