using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Prints snapshots, deleted volumes and properties.</summary>
internal static class DataOutput
{
    /// <summary>Snapshots as JSON.</summary>
    public static void Snapshots(IEnumerable<SnapshotInfo> snapshots) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var snapshot in snapshots)
        {
            Snapshot(json, snapshot);
        }

        json.WriteEndArray();
    });

    /// <summary>What was taken and removed for policies, as JSON.</summary>
    public static void Due(IEnumerable<DueStep> steps) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("action", step.IsTaken ? "take" : "remove");
            json.WritePropertyName("snapshot");
            Snapshot(json, step.Snapshot);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>The JSON of a snapshot; with the members of its group if <paramref name="details"/>.</summary>
    public static void Snapshot(Utf8JsonWriter json, SnapshotInfo snapshot, bool details = false)
    {
        json.WriteStartObject();
        json.WriteString("name", snapshot.Name.ToString());
        json.WriteString("volume", snapshot.Name.Volume.Text);
        json.WriteString("snapshot", snapshot.Name.Name);
        json.WriteString("guid", snapshot.Guid?.ToString(CultureInfo.InvariantCulture)); // a text: 64 bits are too many for many readers
        json.WriteString("created", Timestamp.Text(snapshot.Created));
        if (snapshot.Referenced is { } bytes)
        {
            json.WriteNumber("referenced", bytes);
        }
        else
        {
            json.WriteNull("referenced");
        }

        json.WriteString("group", snapshot.Group?.Id);
        json.WriteString("jail", snapshot.Group?.Jail);
        json.WriteString("policy", snapshot.Policy);
        if (details)
        {
            Output.Strings(json, "members", snapshot.Group?.Members ?? []);
        }

        if (snapshot.NotKept is { } lost)
        {
            json.WriteBoolean("consistent", lost.Count == 0);
            Output.Strings(json, "not_kept", lost);
        }

        json.WriteEndObject();
    }

    /// <summary>Snapshots as a table.</summary>
    public static void Snapshots(IEnumerable<SnapshotInfo> snapshots, bool quiet, bool scripted) => Table.Print(
        quiet || scripted, quiet ? ["NAME"] : ["NAME", "CREATED", new Column("GROUP", Optional: true)],
        snapshots.Select(s => quiet ? (string[])[s.Name.ToString()]
            : [s.Name.ToString(), Table.Time(s.Created, scripted), s.Group?.Id ?? Table.Nothing]));

    /// <summary>Deleted volumes as JSON; with the bytes that each takes if they were requested.</summary>
    public static void Deleted(IEnumerable<DeletedVolume> deleted, IReadOnlyList<long>? used = null) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var (i, volume) in deleted.Index())
        {
            json.WriteStartObject();
            json.WriteString("id", volume.Id);
            json.WriteString("name", volume.Name.Text);
            json.WriteString("deleted", Timestamp.Text(volume.Deletion.At));
            json.WriteString("kept_until", Timestamp.Text(volume.Deletion.Until));
            json.WriteString("rolled_back_to", volume.Deletion.RolledBackTo);
            if (used is not null)
            {
                json.WriteNumber("used", used[i]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Deleted volumes as a table.</summary>
    public static void Deleted(IEnumerable<DeletedVolume> deleted, bool quiet, bool scripted) => Table.Print(
        quiet || scripted, quiet ? ["NAME"]
            : ["NAME", "ID", "DELETED", "KEPT UNTIL", new Column("ROLLED BACK TO", Optional: true)],
        deleted.Select(d => quiet ? (string[])[d.Name.Text]
            : [d.Name.Text, d.Id, Table.Time(d.Deletion.At, scripted), Table.Time(d.Deletion.Until, scripted),
                d.Deletion.RolledBackTo ?? Table.Nothing]));

    /// <summary>Names as JSON.</summary>
    public static void Names(IEnumerable<string> names) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    });

    /// <summary>The affected volume, as JSON.</summary>
    public static void Volume(VolumeName name) => Output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("volume", name.Text);
        json.WriteEndObject();
    });

    /// <summary>Properties as JSON.</summary>
    public static void Properties(IEnumerable<PropertyValue> values) => Output.Json(json =>
    {
        json.WriteStartObject();
        foreach (var value in values)
        {
            json.WriteString(value.Name, value.Value);
        }

        json.WriteEndObject();
    });
}
