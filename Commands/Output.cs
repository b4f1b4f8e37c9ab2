using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Prints results on standard output and messages on standard error.</summary>
internal static class Output
{
    /// <summary>One line <c>kvol: SUBJECT: REASON</c>. Control characters that a user or a jail put into it are escaped, so it cannot move
    /// the cursor.</summary>
    public static void Message(string text) => Raw($"kvol: {Shown.Of(text)}\n");

    /// <summary>The same, but only if standard error is a terminal.</summary>
    public static void Notice(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Message(text);
        }
    }

    /// <summary>Prints a text unchanged on standard error.</summary>
    public static void Raw(string text) => HostProbe.WriteError(Encoding.UTF8.GetBytes(text));

    /// <summary>Prints a text of several lines, such as the help.</summary>
    public static void Text(string text) => HostProbe.WriteOutput(Encoding.UTF8.GetBytes(text + "\n"));

    /// <summary>Prints a result that is bytes.</summary>
    public static void Bytes(ReadOnlySpan<byte> bytes) => HostProbe.WriteOutput(bytes);

    /// <summary>Prints a text for programs, which ends its own lines.</summary>
    public static void Verbatim(string text) => HostProbe.WriteOutput(Encoding.UTF8.GetBytes(text));

    /// <summary>A result of one line.</summary>
    public static void Line(string text) => Text(Shown.Of(text));

    /// <summary>A JSON document.</summary>
    public static void Json(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            content(json);
        }

        buffer.Write("\n"u8);
        HostProbe.WriteOutput(buffer.WrittenSpan);
    }

    /// <summary>The JSON of a volume or a foreign entry, with <paramref name="details"/> if they were requested.</summary>
    public static void Entry(Utf8JsonWriter json, StoreEntry entry, IReadOnlyList<MountView> mounts, LastUse? use,
        VolumeDetails? details = null)
    {
        var volume = entry as Volume;
        json.WriteStartObject();
        json.WriteString("name", entry.Text);
        json.WriteString("driver", entry.Driver);
        json.WriteString("dataset", entry.Dataset);
        json.WriteString("mountpoint", volume?.Mountpoint);
        json.WriteString("created", Timestamp.Text(entry.Created));
        json.WriteBoolean("anonymous", entry.Anonymous);
        json.WriteStartObject("labels");
        foreach (var (key, value) in entry.Labels)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteString("state", entry.StateName);
        json.WritePropertyName("seed");
        Seed(json, volume?.Seed, whole: true);
        json.WritePropertyName("quota");
        Number(json, volume?.Quota);
        json.WriteString("snapshots", volume?.Policy);
        json.WriteBoolean("mounted", volume is { Mounted: true });
        json.WriteString("origin", volume?.Origin);
        json.WriteString("last_used", use?.At is { } at ? Timestamp.Text(at) : null);
        json.WriteString("last_jail", use?.Jail);
        if (details is not null)
        {
            json.WriteNumber("used", details.Used);
            json.WriteString("cloning", details.Cloning);
            json.WriteString("receive_resume_token", volume?.ResumeToken);
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
        json.WriteBoolean("idmapped", mount.IsIdMapped);
        json.WriteString("idmap", mount.IdMap);
        json.WritePropertyName("pid");
        Number(json, (ulong?)mount.Pid);
        json.WriteString("host", mount.Host?.Name);
        json.WriteString("host_id", mount.Host?.Id.Text);
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
            json.WriteString("at", Timestamp.Text(seed.At));
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
}
