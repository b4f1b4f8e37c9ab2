using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The source of a volume's first content, as JSON: in volume.json and in the property <c>kvol:seed</c>.</summary>
internal static class SeedJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, SeedRecord seed, int? flags = null)
    {
        json.WriteStartObject();
        json.WriteString("source", seed.Source);
        json.WriteString("at", Timestamp.Text(seed.At));
        json.WriteNumber("files", seed.Files);
        json.WriteNumber("bytes", seed.Bytes);
        if (flags is { } number)
        {
            json.WriteNumber("flags", number);
        }

        seed = seed.ForRecord();
        json.WriteNumber("not_kept_count", seed.NotKeptCount);
        json.WriteStartArray("not_kept");
        foreach (var line in seed.NotKept)
        {
            json.WriteStringValue(line);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads the object; throws the JSON reader's exception if a value is missing or wrong.</summary>
    public static SeedRecord Read(JsonElement seed)
    {
        var lines = seed.GetProperty("not_kept").EnumerateArray().Select(e => e.Text()).ToArray();
        return new SeedRecord(
            seed.GetProperty("source").Text(), seed.GetProperty("at").GetDateTimeOffset(), seed.GetProperty("files").GetInt64(),
            seed.GetProperty("bytes").GetInt64(), lines)
        {
            NotKeptCount = seed.TryGetProperty("not_kept_count", out var count) ? count.GetInt32() : lines.Length,
        };
    }

    /// <summary>The object on one line of at most <paramref name="longest"/> bytes. Lists only the first items that were not kept, and the
    /// number of the others.</summary>
    public static string Text(SeedRecord seed, int? flags, int longest)
    {
        seed = seed.ForRecord();
        for (var kept = seed.NotKept.Count; ; kept /= 2)
        {
            IReadOnlyList<string> lines = [.. seed.NotKept.Take(kept)];
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = StateFile.Encoder }))
            {
                Write(json, seed with { NotKept = lines }, flags);
            }

            if (buffer.WrittenCount <= longest)
            {
                return Encoding.UTF8.GetString(buffer.WrittenSpan);
            }

            if (kept == 0)
            {
                seed = seed with { Source = "a directory with a long path" };
            }
        }
    }

    /// <summary>The record in a text; null if there is none or it is damaged. The record is only informative, so a damaged one must not
    /// make the volume unusable.</summary>
    public static SeedRecord? Parse(string? text) => text is { Length: > 0 } ? ParseWithFlags(text).Seed : null;

    /// <summary>The record and the flags in a text; empty if it is damaged.</summary>
    public static (SeedRecord Seed, int Flags) ParseWithFlags(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return (Read(json.RootElement), json.RootElement.TryGetProperty("flags", out var flags) ? flags.GetInt32() : 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return (new SeedRecord("not known", DateTimeOffset.UnixEpoch, 0, 0, []), 0);
        }
    }
}
