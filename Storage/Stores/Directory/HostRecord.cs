using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>What one host says of a volume that it uses: <c>hosts/ID/VOLUME.json</c> in the store.</summary>
/// <param name="Boot">The boot of that host in which it was written; the mounts do not outlive it.</param>
internal sealed record HostRecord(KnownHost Host, string Boot, VolumeName Volume, IReadOnlyList<HostUse> Uses)
{
    private const int Version = 1;

    /// <summary>The path of the store on that host; null in a record of an earlier version.</summary>
    public string? Store { get; init; }

    /// <summary>Whether the volume cannot be written to through any of its mounts and holds.</summary>
    public bool IsReadOnly => Uses.All(u => u.IsReadOnly);

    /// <summary>The same without the mounts of snapshots, or with nothing but those of one.</summary>
    public HostRecord Of(string? snapshot) => this with { Uses = [.. Uses.Where(u => u.Snapshot == snapshot)] };

    /// <summary>Whether another record says the same.</summary>
    public bool Says(HostRecord? other) => other is not null && Host == other.Host && Boot == other.Boot && Store == other.Store
        && Uses.SequenceEqual(other.Uses);

    /// <summary>The record of a host and a volume. Of a later version it is damaged: what it says is not known.</summary>
    public static HostRecord Read(JsonElement json, HostId host, VolumeName volume) => json.GetProperty("version").GetInt32() > Version
        ? throw new System.FormatException()
        : new HostRecord(new KnownHost(host, json.GetProperty("host").Text()), json.GetProperty("boot").Text(), volume,
            [.. json.GetProperty("uses").EnumerateArray().Select(Use)])
        { Store = Added(json, "store") };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("host", Host.Name);
        json.WriteString("boot", Boot);
        json.WriteString("store", Store);
        json.WriteStartArray("uses");
        foreach (var use in Uses)
        {
            json.WriteStartObject();
            json.WriteString("root", use.Root);
            json.WriteString("root_id", use.RootIdentity is { } identity ? MountPointRegistry.NameOf(identity) : null);
            json.WriteString("destination", use.Destination);
            json.WriteString("path", use.Path);
            json.WriteString("jail", use.Jail);
            json.WriteString("snapshot", use.Snapshot);
            json.WriteString("holder", use.Holder);
            json.WriteBoolean("read_only", use.IsReadOnly);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static HostUse Use(JsonElement e) => new(Optional(e, "root"), Optional(e, "destination"), e.GetProperty("path").Text(),
        Optional(e, "jail"), e.GetProperty("read_only").GetBoolean())
    {
        RootIdentity = Added(e, "root_id") is { } identity ? MountPointRegistry.IdentityOf(identity)
            ?? throw new System.FormatException() : null,
        Snapshot = Optional(e, "snapshot"),
        Holder = Optional(e, "holder"),
    };

    // What earlier versions do not write.
    private static string? Added(JsonElement e, string name) => e.TryGetProperty(name, out _) ? Optional(e, name) : null;

    private static string? Optional(JsonElement e, string name) =>
        e.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.Text() : null;
}
