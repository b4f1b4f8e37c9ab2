using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>A mount that is to be added to the configuration of a container.</summary>
internal sealed record NewOciMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);

/// <summary>Adds an annotation and mounts to the configuration of a container. Everything else keeps its bytes: numbers, order, and what
/// kvol does not know.</summary>
internal static class OciEdit
{
    /// <summary>The text with them. Each mount comes before those that lie in it, and otherwise last, so that no other one covers
    /// it.</summary>
    public static byte[] Of(OciDocument config, (string Key, string Value) annotation, IEnumerable<NewOciMount> mounts)
    {
        var edits = new List<(int At, int Removed, string Text)>();
        var (at, isEmpty) = config.AnnotationMembers ?? throw config.Wrong("it has no annotations");
        edits.Add((at, 0, $"{Json(j => j.WriteStringValue(annotation.Key))}:{Json(j => j.WriteStringValue(annotation.Value))}"
            + (isEmpty ? "" : ",")));
        Mounts(config, mounts, edits);

        var output = new ArrayBufferWriter<byte>(config.Text.Length + 4096);
        var done = 0;
        foreach (var edit in edits.OrderBy(e => e.At))
        {
            output.Write(config.Text.Span[done..edit.At]);
            output.Write(Encoding.UTF8.GetBytes(edit.Text));
            done = edit.At + edit.Removed;
        }

        output.Write(config.Text.Span[done..]);
        return output.WrittenSpan.ToArray();
    }

    private static void Mounts(OciDocument config, IEnumerable<NewOciMount> mounts, List<(int At, int Removed, string Text)> edits)
    {
        // Where each new mount stands among those that are there: (destination, place of an old one, text of a new one).
        var order = config.Mounts.Select(m => (m.Destination, Start: (int?)m.Start, Text: "")).ToList();
        foreach (var mount in mounts.OrderBy(m => m.Destination.Count(c => c == '/')))
        {
            var first = order.FindLastIndex(o => IsAtOrBelow(mount.Destination, o.Destination)) + 1;
            var inner = order.FindIndex(first, o => IsAtOrBelow(o.Destination, mount.Destination));
            order.Insert(inner < 0 ? order.Count : inner, (mount.Destination, null, Json(j => Write(j, mount))));
        }

        if (config.MountArray is not { IsNull: false } array || config.Mounts.Count == 0)
        {
            var all = $"[{string.Join(',', order.Select(o => o.Text))}]";
            edits.Add(config.MountArray is { } there ? (there.Start, there.End - there.Start, all)
                : (config.Members.Start, 0, $"\"mounts\":{all}{(config.Members.IsEmpty ? "" : ",")}"));
            return;
        }

        var pending = new StringBuilder();
        foreach (var (_, start, text) in order)
        {
            if (start is not { } place)
            {
                pending.Append(text).Append(',');
            }
            else if (pending.Length > 0)
            {
                edits.Add((place, 0, pending.ToString()));
                pending.Clear();
            }
        }

        if (pending.Length > 0)
        {
            edits.Add((config.LastMountEnd, 0, "," + pending.ToString(0, pending.Length - 1)));
        }
    }

    // Whether a path of a container is another one, or lies in it.
    private static bool IsAtOrBelow(string path, string above) =>
        above == "/" || path == above || path.StartsWith(above + "/", StringComparison.Ordinal);

    private static void Write(Utf8JsonWriter json, NewOciMount mount)
    {
        json.WriteStartObject();
        json.WriteString("destination", mount.Destination);
        json.WriteString("type", mount.Type);
        json.WriteString("source", mount.Source);
        json.WriteStartArray("options");
        foreach (var option in mount.Options)
        {
            json.WriteStringValue(option);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = StateFile.Encoder }))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
