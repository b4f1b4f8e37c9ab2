using System.Linq;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>How an attachment is written in the record of its root directory.</summary>
internal static class AttachmentJson
{
    public static void Write(Utf8JsonWriter json, Attachment attachment)
    {
        json.WriteStartObject();
        json.WriteString("jail", attachment.Jail);
        json.WriteString("created", Timestamp.Text(attachment.Created));
        json.WriteNumber("uptime", attachment.Uptime);
        Write(json, "starter", attachment.Starter);
        Write(json, "process", attachment.Process);
        if (attachment.JailId is { } jid)
        {
            json.WriteNumber("jid", jid);
        }
        else
        {
            json.WriteNull("jid");
        }

        json.WriteStartArray("specs");
        foreach (var spec in attachment.Specs)
        {
            json.WriteStringValue(spec);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static Attachment Read(JsonElement json) => new(
        json.GetProperty("jail").Text(), json.GetProperty("created").GetDateTimeOffset(), json.GetProperty("uptime").GetInt64(),
            Process(json.GetProperty("starter")),
        Process(json.GetProperty("process")), json.GetProperty("jid") is { ValueKind: JsonValueKind.Number } jid ? jid.GetInt32() : null,
        [.. json.GetProperty("specs").EnumerateArray().Select(s => s.Text())]);

    private static void Write(Utf8JsonWriter json, string name, ProcessIdentity? process)
    {
        if (process is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("pid", process.Pid);
        json.WriteNumber("start", process.Start);
        json.WriteEndObject();
    }

    private static ProcessIdentity? Process(JsonElement json) =>
        json.ValueKind == JsonValueKind.Null ? null
            : new ProcessIdentity(json.GetProperty("pid").GetInt32(), json.GetProperty("start").GetUInt64());
}
