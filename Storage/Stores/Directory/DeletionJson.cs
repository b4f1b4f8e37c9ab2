using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The record of a deletion in volume.json.</summary>
internal static class DeletionJson
{
    public static DeletionRecord Read(JsonElement json) => new(
        json.GetProperty("at").GetDateTimeOffset(), json.GetProperty("until").GetDateTimeOffset(),
        json.TryGetProperty("boot", out var boot) ? new BootMoment(boot.Text(), json.GetProperty("uptime").GetInt64()) : null,
        json.TryGetProperty("rolled_back_to", out var snapshot) ? snapshot.Text() : null);

    public static void Write(Utf8JsonWriter json, DeletionRecord deletion)
    {
        json.WriteStartObject();
        json.WriteString("at", Timestamp.Text(deletion.At));
        json.WriteString("until", Timestamp.Text(deletion.Until));
        if (deletion.Since is { } since)
        {
            json.WriteString("boot", since.Boot);
            json.WriteNumber("uptime", since.Uptime);
        }

        if (deletion.RolledBackTo is { } snapshot)
        {
            json.WriteString("rolled_back_to", snapshot);
        }

        json.WriteEndObject();
    }
}
