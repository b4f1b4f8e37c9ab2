using System.Linq;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The group of a snapshot, as JSON in the file of each of its snapshots.</summary>
internal static class GroupJson
{
    /// <summary>Reads the object; throws the JSON reader's exception if a value is missing or wrong.</summary>
    public static SnapshotGroup? Read(JsonElement group) => new(
        group.GetProperty("id").Text(), group.TryGetProperty("jail", out var jail) ? jail.Text() : null,
        [.. group.GetProperty("members").EnumerateArray().Select(m => m.Text())]);

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, SnapshotGroup group)
    {
        json.WriteStartObject();
        json.WriteString("id", group.Id);
        if (group.Jail is not null)
        {
            json.WriteString("jail", group.Jail);
        }

        json.WriteStartArray("members");
        foreach (var member in group.Members)
        {
            json.WriteStringValue(member);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
