using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A mount that a recursive mount included: its id and its source. <paramref name="Origin"/> is empty in a record of an earlier
/// version.</summary>
internal sealed record InnerMount(ulong Id, string Origin)
{
    /// <summary>Whether it is this row: the kernel reuses the id of an unmounted mount.</summary>
    public bool IsOf(MountEntry entry) => Id == entry.Id && (Origin.Length == 0 || entry.Origin.Is(Origin));

    public static InnerMount Read(JsonElement e) => e.ValueKind == JsonValueKind.Number ? new InnerMount(e.GetUInt64(), "")
        : new InnerMount(e.GetProperty("id").GetUInt64(), e.GetProperty("origin").Text());

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        json.WriteString("origin", Origin);
        json.WriteEndObject();
    }
}

/// <summary>One mount that kvol made in this boot, or is about to make while its id is <see cref="Planned"/>. <paramref name="Jails"/> are
/// the jails that were given this very mount, the first one first. <paramref name="Inner"/> lists what a recursive mount
/// included.</summary>
internal sealed record RunRecord(ulong Id, string Target, string Origin, string Type, string Source, string Destination,
    IReadOnlyList<string> Jails, bool Recursive, IReadOnlyList<InnerMount> Inner)
{
    /// <summary>The id of a mount that has none yet; after a crash, its path and source identify it.</summary>
    public const ulong Planned = 0;

    /// <summary>The id that the kernel never reuses; 0 if the kernel has none.</summary>
    public ulong UniqueId { get; init; }

    /// <summary>The options of its SPEC; null in a record of an earlier version.</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>The number of the user namespace as which it shows owners; 0 if it shows those of its files.</summary>
    public ulong UserNamespace { get; init; }

    /// <summary>The path that named that namespace, or null.</summary>
    public string? IdMap => Options?.FirstOrDefault(o => o.StartsWith(MountSpec.IdMapOption + "=", StringComparison.Ordinal))?
        [(MountSpec.IdMapOption.Length + 1)..];

    /// <summary>The jail that it is shown for, or null.</summary>
    public string? Jail => Jails.Count > 0 ? Jails[0] : null;

    /// <summary>Whether it shows a volume, of any store.</summary>
    public bool IsVolume => Type == "volume";

    /// <summary>Whether it is of a file system of its own, such as tmpfs(5): nothing else shows what that holds.</summary>
    public bool IsNewFileSystem => NewFileSystem.Types.Contains(Type);

    /// <summary>Whether this is the record of a row: a later mount in another root directory may have reused the id.</summary>
    public bool IsOf(MountEntry entry) => Id == entry.Id && Target == entry.Target.ToString();

    /// <summary>Its place as a path below a directory; null when it lies elsewhere.</summary>
    public string? Below(string root) => Target.StartsWith(root + "/", StringComparison.Ordinal) ? Target[root.Length..] : null;

    public static RunRecord Read(JsonElement e) => new(
        e.GetProperty("id").GetUInt64(), e.GetProperty("target").Text(), e.GetProperty("origin").Text(), e.GetProperty("type").Text(),
            e.GetProperty("source").Text(), e.GetProperty("destination").Text(),
        [.. First(e.GetProperty("jail")), .. e.TryGetProperty("other_jails", out var others)
            ? others.EnumerateArray().Select(o => o.Text()) : []],
        e.GetProperty("recursive").GetBoolean(), e.GetProperty("inner").EnumerateArray().Select(InnerMount.Read).ToArray())
    {
        UniqueId = e.TryGetProperty("unique_id", out var unique) ? unique.GetUInt64() : 0,
        UserNamespace = e.TryGetProperty("user_namespace", out var number) ? number.GetUInt64() : 0,
        Options = e.TryGetProperty("options", out var options) ? [.. options.EnumerateArray().Select(o => o.Text())] : null,
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        if (UniqueId != 0)
        {
            json.WriteNumber("unique_id", UniqueId);
        }

        if (UserNamespace != 0)
        {
            json.WriteNumber("user_namespace", UserNamespace);
        }

        json.WriteString("target", Target);
        json.WriteString("origin", Origin);
        json.WriteString("type", Type);
        json.WriteString("source", Source);
        json.WriteString("destination", Destination);
        json.WriteString("jail", Jail);
        if (Jails.Count > 1)
        {
            json.WriteStartArray("other_jails");
            foreach (var other in Jails.Skip(1))
            {
                json.WriteStringValue(other);
            }

            json.WriteEndArray();
        }

        if (Options is not null)
        {
            json.WriteStartArray("options");
            foreach (var option in Options)
            {
                json.WriteStringValue(option);
            }

            json.WriteEndArray();
        }

        json.WriteBoolean("recursive", Recursive);
        json.WriteStartArray("inner");
        foreach (var inner in Inner)
        {
            inner.Write(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string[] First(JsonElement jail) => jail.ValueKind == JsonValueKind.Null ? [] : [jail.Text()];
}

/// <summary>What kvol did in one root directory in this boot. <paramref name="Path"/> is its path on the host at that time, links
/// resolved.</summary>
internal sealed record RootRecord(FileIdentity Identity, string Path, IReadOnlyList<Attachment> Attachments,
    IReadOnlyList<RunRecord> Mounts)
{
    /// <summary>The jails that are attached, or that a mount was given to.</summary>
    public IEnumerable<string> Jails => Attachments.Select(a => a.Jail).Concat(Mounts.SelectMany(m => m.Jails)).Distinct();

    /// <summary>The attachment of a jail, or null.</summary>
    public Attachment? Of(string jail) => Attachments.FirstOrDefault(a => a.Jail == jail);

    /// <summary>This record with the attachment of its jail replaced, or added.</summary>
    public RootRecord With(Attachment attachment) =>
        this with { Attachments = [.. Attachments.Where(a => a.Jail != attachment.Jail), attachment] };

    /// <summary>This record with the place that a mount has in the mount table now: it may have moved since it was recorded.</summary>
    public RootRecord With(MountEntry entry) =>
        this with { Mounts = [.. Mounts.Select(m => m.Id == entry.Id ? m with { Target = entry.Target.ToString() } : m)] };

    /// <summary>This record without the attachment of a jail.</summary>
    public RootRecord Without(string jail) =>
        Of(jail) is null ? this : this with { Attachments = [.. Attachments.Where(a => a.Jail != jail)] };

    /// <summary>This record with the root directory's current path. If the mount table follows a rename, so do the mounts' paths.</summary>
    public RootRecord At(string path) => path == Path ? this
        : this with
        {
            Path = path,
            Mounts = !MountTable.FollowsRenames ? Mounts : [.. Mounts.Select(m =>
            m.Below(Path) is { } place ? m with { Target = path + place } : m)]
        };
}
