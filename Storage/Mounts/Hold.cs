using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Who holds volumes that another program mounts: what it is, and the id that it is known by.</summary>
internal sealed record Holder
{
    /// <summary>A container, whose runtime mounts the volumes.</summary>
    public const string Oci = "oci";

    /// <summary>A client of the volume plugin.</summary>
    public const string Plugin = "plugin";

    /// <summary>The bytes that an id may have: as hex digits they fit into a file name.</summary>
    public const int LongestId = 100;

    private const string Suffix = ".json";

    private Holder(string kind, string id) => (Kind, Id) = (kind, id);

    public string Kind { get; }

    public string Id { get; }

    /// <summary>The name of its record.</summary>
    public string File => $"{Kind}-{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Id))}{Suffix}";

    /// <summary>A holder with a new id.</summary>
    public static Holder New(string kind) => new(kind, RandomHex.Of(VolumeName.RandomLength));

    /// <summary>A holder with the id that a stranger chose, or an error (64). What <c>kvol detach</c> would not
    /// take as a name is refused.</summary>
    public static Holder Parse(string kind, string id) => Encoding.UTF8.GetByteCount(id) > LongestId
        ? throw new KvolException(ExitStatus.Usage, Shown.Word(id), $"the id of a holder has at most {LongestId} bytes")
        : new Holder(kind, JailName.Parse(id));

    /// <summary>The holder whose record has this name; null if it is not one of kvol's names.</summary>
    public static Holder? OfFile(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !name.EndsWith(Suffix, StringComparison.Ordinal) || name[..dash] is not (Oci or Plugin))
        {
            return null;
        }

        try
        {
            return Parse(name[..dash], Encoding.UTF8.GetString(Convert.FromHexString(name[(dash + 1)..^Suffix.Length]))) is var holder
                && holder.File == name ? holder : null;
        }
        catch (Exception e) when (e is FormatException or KvolException)
        {
            return null;
        }
    }

    /// <summary>Whether a word has the form of <see cref="ToString"/>: it names that holder, and none that has the whole word as its
    /// id.</summary>
    public static bool IsQualified(string word) =>
        word.StartsWith(Oci + ":", StringComparison.Ordinal) || word.StartsWith(Plugin + ":", StringComparison.Ordinal);

    /// <summary>The one form by which <c>kvol detach</c> takes this holder and nothing else.</summary>
    public override string ToString() => $"{Kind}:{Id}";
}

/// <summary>A volume that is held.</summary>
/// <param name="Store">The id of its store.</param>
/// <param name="Path">Where the holder sees it: its path on the host.</param>
/// <param name="Destination">Its path in the container; null for a holder that has no root directory.</param>
internal sealed record HeldVolume(string Store, VolumeName Name, bool IsReadOnly, string Path, string? Destination)
{
    public static HeldVolume Read(JsonElement e) => new(e.GetProperty("store").Text(), VolumeName.Parse(e.GetProperty("name").Text()),
        e.GetProperty("read_only").GetBoolean(), e.GetProperty("path").Text(),
        e.GetProperty("destination") is { ValueKind: not JsonValueKind.Null } destination ? destination.Text() : null)
    {
        Times = e.TryGetProperty("times", out var times) ? Math.Max(1, times.GetInt32()) : 1,
        IsShared = e.TryGetProperty("shared", out var shared) && shared.GetBoolean(),
    };

    /// <summary>How many times it must be released; more than 1 only for a client of the volume plugin: Docker mounts a volume again with
    /// the same id, for <c>docker cp</c>, and unmounts it as many times.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Whether other hosts can use its store, which then records the hold too.</summary>
    public bool IsShared { get; init; }

    /// <summary>What the store says of it for other hosts.</summary>
    public HostUse UseOf(Hold hold) => new(hold.Root, Destination, Path, null, IsReadOnly) { Holder = hold.Holder.ToString() };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("store", Store);
        json.WriteString("name", Name.Text);
        json.WriteBoolean("read_only", IsReadOnly);
        json.WriteString("path", Path);
        json.WriteString("destination", Destination);
        json.WriteNumber("times", Times);
        json.WriteBoolean("shared", IsShared);
        json.WriteEndObject();
    }
}

/// <summary>The mount that a root directory is the top of. <paramref name="UniqueId"/> is 0 if the kernel has none.</summary>
internal sealed record RootMount(ulong Id, ulong UniqueId, string Origin)
{
    /// <summary>The mount that an open directory is the top of; null if it is not.</summary>
    public static RootMount? Of(Fd root) => Files.Status(root) is { IsMountRoot: true } status
        && MountTable.Read().Find(status.MountId) is { } row
        ? new RootMount(row.Id, MountState.UniqueId(root), row.Origin.ToString()) : null;

    /// <summary>Whether it is this row: the kernel reuses the id of an unmounted mount.</summary>
    public bool IsOf(MountEntry entry) => Id == entry.Id && entry.Origin.Is(Origin)
        && (UniqueId == 0 || entry.UniqueId == 0 || entry.UniqueId == UniqueId);

    public static RootMount? Read(JsonElement e) => e.ValueKind == JsonValueKind.Null ? null
        : new RootMount(e.GetProperty("id").GetUInt64(), e.GetProperty("unique_id").GetUInt64(), e.GetProperty("origin").Text());

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        json.WriteNumber("unique_id", UniqueId);
        json.WriteString("origin", Origin);
        json.WriteEndObject();
    }
}

/// <summary>The volumes that one holder uses, or is about to use, through mounts that kvol does not make.</summary>
/// <param name="Root">The path of the container's root directory, links resolved; null for a holder that has none.</param>
/// <param name="Mount">The mount of that directory; null if nothing was mounted on it.</param>
internal sealed record Hold(Holder Holder, string? Root, RootMount? Mount, IReadOnlyList<HeldVolume> Volumes)
{
    /// <summary>Who it is, for people.</summary>
    public string Who => Root is not null ? $"the container in {Root}" : $"client {Holder.Id} of the volume plugin";

    /// <summary>The held volumes of a store.</summary>
    public IEnumerable<HeldVolume> Of(string store) => Volumes.Where(v => v.Store == store);

    /// <summary>This hold with the volumes of an earlier one of the same holder. A container that has a volume already has it once; a
    /// client of the plugin has it once more.</summary>
    public Hold Including(Hold before) => this with
    {
        Volumes =
        [
            .. before.Volumes.Where(b => !Volumes.Any(v => IsSame(v, b))),
            .. Volumes.Select(v => Holder.Kind == Holder.Plugin && before.Volumes.FirstOrDefault(b => IsSame(v, b)) is { } had
                ? v with { Times = had.Times + v.Times } : v),
        ],
    };

    /// <summary>The same after a volume was released once.</summary>
    public Hold Without(string store, VolumeName name) => this with
    {
        Volumes = [.. Volumes.Select(v => v.Store == store && v.Name == name ? v with { Times = v.Times - 1 } : v).Where(v => v.Times > 0)],
    };

    private static bool IsSame(HeldVolume a, HeldVolume b) => a.Store == b.Store && a.Name == b.Name && a.Path == b.Path;

    /// <summary>A record of this boot; null if it is of another one.</summary>
    public static Hold? Read(JsonElement json, Holder holder, string boot) => json.GetProperty("boot").GetString() != boot ? null
        : new Hold(holder, json.GetProperty("root") is { ValueKind: not JsonValueKind.Null } root ? root.Text() : null,
            RootMount.Read(json.GetProperty("mount")), [.. json.GetProperty("volumes").EnumerateArray().Select(HeldVolume.Read)]);

    public void Write(Utf8JsonWriter json, string boot)
    {
        json.WriteStartObject();
        json.WriteString("boot", boot);
        json.WriteString("root", Root);
        if (Mount is null)
        {
            json.WriteNull("mount");
        }
        else
        {
            json.WritePropertyName("mount");
            Mount.Write(json);
        }

        json.WriteStartArray("volumes");
        foreach (var volume in Volumes)
        {
            volume.Write(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
