using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Prints results on standard output and messages on standard error.</summary>
internal static class Output
{
    private const int PageSize = 16 * 1024; // a table is written in pieces of about this size

    /// <summary>One line <c>kvol: SUBJECT: REASON</c>.</summary>
    public static void Message(string text)
    {
        using var error = Console.OpenStandardError();
        Write(error, $"kvol: {text.ReplaceLineEndings(" ")}\n");
    }

    /// <summary>The same, only where someone watches.</summary>
    public static void Notice(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Message(text);
        }
    }

    /// <summary>A result.</summary>
    public static void Line(string text)
    {
        using var output = Console.OpenStandardOutput();
        Write(output, text + "\n");
    }

    /// <summary>A table: aligned with a header, or tabs without one as zfs(8) does for scripts.</summary>
    public static void Table(bool scripted, string[] header, IEnumerable<string[]> rows)
    {
        var widths = new int[header.Length];
        if (!scripted)
        {
            rows = rows.Prepend(header).ToList();
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                {
                    widths[i] = Math.Max(widths[i], row[i].Length);
                }
            }
        }

        using var output = Console.OpenStandardOutput();
        var text = new ArrayBufferWriter<byte>(PageSize + 1024);
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                var last = i == row.Length - 1;
                var spaces = last || scripted ? 0 : widths[i] - row[i].Length;
                Encoding.UTF8.GetBytes(row[i], text);
                text.GetSpan(spaces + 1)[..spaces].Fill((byte)' ');
                text.GetSpan(spaces + 1)[spaces] = (byte)(last ? '\n' : scripted ? '\t' : ' ');
                text.Advance(spaces + 1);
            }

            if (text.WrittenCount > PageSize)
            {
                output.Write(text.WrittenSpan);
                text.ResetWrittenCount();
            }
        }

        output.Write(text.WrittenSpan);
    }

    /// <summary>A JSON document.</summary>
    public static void Json(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            content(json);
        }

        buffer.Write("\n"u8);
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.WrittenSpan);
    }

    /// <summary>The JSON of a volume, with <paramref name="details"/> where they were asked for.</summary>
    public static void Volume(Utf8JsonWriter json, Volume volume, IReadOnlyList<MountView> mounts, VolumeDetails? details = null)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name);
        json.WriteString("driver", volume.Driver);
        json.WriteString("dataset", volume.Dataset);
        json.WriteString("mountpoint", volume.Mountpoint);
        json.WriteString("created", Time(volume.Created));
        json.WriteBoolean("anonymous", volume.Anonymous);
        json.WriteStartObject("labels");
        foreach (var (key, value) in volume.Labels)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteString("state", State(volume));
        json.WritePropertyName("seed");
        Seed(json, volume.Seed, whole: true);
        json.WritePropertyName("quota");
        Number(json, volume.Quota);
        json.WriteBoolean("mounted", volume.Mounted);
        json.WriteString("origin", volume.Origin);
        if (details is not null)
        {
            json.WriteNumber("used", details.Used);
            json.WriteString("cloning", details.Cloning);
            json.WriteString("receive_resume_token", volume.ResumeToken);
        }

        json.WriteStartArray("mountpoints");
        foreach (var mount in mounts)
        {
            Mount(json, mount);
        }

        json.WriteEndArray();
        json.WriteStartArray("warnings");
        if (SharedVolume.Warning(mounts) is { } warning)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The JSON of a mount.</summary>
    public static void Mount(Utf8JsonWriter json, MountView mount)
    {
        json.WriteStartObject();
        json.WriteString("type", mount.Type);
        json.WriteString("source", mount.Source);
        json.WriteString("destination", mount.Destination);
        json.WriteString("path", mount.Path);
        json.WriteString("jail", mount.Jail);
        json.WriteBoolean("read_only", mount.ReadOnly);
        json.WritePropertyName("pid");
        Number(json, (ulong?)mount.Pid);
        json.WriteEndObject();
    }

    /// <summary>What mount and attach did, as JSON.</summary>
    public static void Mounted(IReadOnlyList<MountResult> results) => Json(json =>
    {
        json.WriteStartArray();
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("type", result.Spec.TypeText);
            json.WriteString("source", result.Spec.SourceText);
            json.WriteString("destination", result.Spec.Destination);
            json.WriteString("path", result.Path);
            json.WriteBoolean("read_only", result.ReadOnly);
            json.WriteBoolean("already_mounted", result.AlreadyMounted);
            json.WriteBoolean("volume_created", result.VolumeCreated);
            json.WritePropertyName("seeded");
            Seed(json, result.Seeded, whole: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>The JSON of a seeding, or null.</summary>
    public static void Seed(Utf8JsonWriter json, SeedRecord? seed, bool whole, bool? isConsistent = null)
    {
        if (seed is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        if (whole)
        {
            json.WriteString("source", seed.Source);
            json.WriteString("at", Time(seed.At));
        }

        json.WriteNumber("files", seed.Files);
        json.WriteNumber("bytes", seed.Bytes);
        Strings(json, "not_kept", seed.NotKept);
        json.WriteNumber("not_kept_count", seed.NotKeptCount);
        if (isConsistent is { } known)
        {
            json.WriteBoolean("consistent", known);
        }

        json.WriteEndObject();
    }

    /// <summary>A list of strings.</summary>
    public static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> strings)
    {
        json.WriteStartArray(name);
        foreach (var text in strings)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, ulong? value)
    {
        if (value is { } number)
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>The word for a volume's state.</summary>
    public static string State(Volume volume) => volume.State switch
    {
        VolumeState.Empty => "empty",
        VolumeState.Seeding => "seeding",
        VolumeState.Foreign => "foreign",
        VolumeState.Receiving => "receiving",
        _ => "ready",
    };

    /// <summary>RFC 3339, UTC.</summary>
    public static string Time(DateTimeOffset time) => VolumeFile.Time(time);

    private static void Write(System.IO.Stream stream, string text) => stream.Write(Encoding.UTF8.GetBytes(text));
}
