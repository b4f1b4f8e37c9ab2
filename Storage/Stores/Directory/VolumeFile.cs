using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The file volume.json of a directory store.</summary>
internal sealed record VolumeFile(VolumeName Name, DateTimeOffset Created, bool Anonymous, IReadOnlyDictionary<string, string> Labels,
    SeedRecord? Seed)
{
    /// <summary>Set while the volume is kept after its deletion.</summary>
    public DeletionRecord? Deletion { get; init; }

    /// <summary>The record of a seeding that moves its content up, from before its commit until everything is in place; otherwise
    /// null.</summary>
    public SeedRecord? Seeding { get; init; }

    /// <summary>What the first mount may still give the top directory; null if the volume has had its first mount, or is older than this
    /// record.</summary>
    public TopParts? Takes { get; init; }

    /// <summary>The policy of snapshots as it is written down; null if the volume has none.</summary>
    public string? Policy { get; init; }

    // A volume that is being seeded, or that has a policy, has a higher version, so that a kvol that does not know that state does not
    // touch it, and one that does not know policies does not lose one.
    private const int Version = 1, SeedingVersion = 2, PolicyVersion = 3;
    public const string FileName = "volume.json";

    /// <summary>Reads the file; throws an error (65) and does not change it if it is damaged. The name is the directory's; null means the
    /// one in the file.</summary>
    public static VolumeFile Read(Fd directory, VolumeName? name) => Read(directory, new ByteString(FileName), name);

    /// <summary>The same for a file in a subdirectory; <paramref name="room"/> is a buffer for callers that read many.</summary>
    public static VolumeFile Read(Fd directory, CName path, VolumeName? name, byte[]? room = null)
    {
        using var json = StateFile.Read(directory, path, room) ?? throw StateFile.Damaged(directory, path, "is missing");
        var root = json.RootElement;
        var version = StateFile.Get(root, "version", v => v.GetInt32(), directory, path);
        if (version > PolicyVersion)
        {
            throw new KvolException(
                ExitStatus.Damaged, $"{Files.PathOf(directory)}/{path.ToString()}",
                    $"was written by a newer kvol (version {version}, this one knows {PolicyVersion}); it is left untouched");
        }

        return new VolumeFile(
            name ?? StateFile.Get(root, "name", v => VolumeName.IsValid(v.Text()) ? VolumeName.Parse(v.Text())
                : throw new FormatException(), directory, path),
            StateFile.Get(root, "created", v => v.GetDateTimeOffset(), directory, path),
                StateFile.Get(root, "anonymous", v => v.GetBoolean(), directory, path),
            StateFile.Get(root, "labels", ReadLabels, directory, path), StateFile.Find(root, "seed", SeedJson.Read, directory, path))
        {
            Seeding = version == SeedingVersion ? StateFile.Get(root, "seeding", SeedJson.Read, directory, path)
                : version == PolicyVersion ? StateFile.Find(root, "seeding", SeedJson.Read, directory, path) : null,
            Policy = StateFile.Find(root, "snapshots", v => v.Text(), directory, path),
            Takes = StateFile.Find<TopParts?>(root, "takes", v => TopPartsText.Parse(v.Text()), directory, path),
            Deletion = StateFile.Find(root, "deletion", DeletionJson.Read, directory, path),
        };

        static IReadOnlyDictionary<string, string> ReadLabels(JsonElement labels) =>
            labels.GetPropertyCount() == 0 ? ReadOnlyDictionary<string, string>.Empty
                : labels.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Text());
    }

    /// <summary>Whether the file says that the volume is being seeded. A file that does not have the word is not parsed, and a damaged one
    /// says nothing.</summary>
    public static bool SaysSeeding(Fd directory)
    {
        try
        {
            var file = new ByteString(FileName);
            return SmallFile.Find(directory, file) is { } text && text.Span.IndexOf("\"seeding\""u8) >= 0
                && Read(directory, file, null).Seeding is not null;
        }
        catch (Exception e) when (e is KvolException or NativeException)
        {
            return false;
        }
    }

    /// <summary>Replaces the file, durably.</summary>
    public void Write(Fd directory) => StateFile.Write(directory, FileName, Write);

    /// <summary>Writes the file of a volume that is being made; the caller syncs its directory, and the file too unless
    /// <paramref name="durable"/>.</summary>
    public void WriteNew(Fd directory, bool durable) => StateFile.WriteNew(directory, new ByteString(FileName), Write, durable);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Policy is not null ? PolicyVersion : Seeding is not null ? SeedingVersion : Version);
        json.WriteString("name", Name.Text);
        json.WriteString("created", Timestamp.Text(Created));
        json.WriteBoolean("anonymous", Anonymous);
        json.WriteStartObject("labels");
        foreach (var (key, value) in Labels)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WritePropertyName("seed");
        if (Seed is { } seed)
        {
            SeedJson.Write(json, seed);
        }
        else
        {
            json.WriteNullValue();
        }

        if (Seeding is { } seeding)
        {
            json.WritePropertyName("seeding");
            SeedJson.Write(json, seeding);
        }

        if (Policy is { } policy)
        {
            json.WriteString("snapshots", policy);
        }

        if (Takes is { } takes)
        {
            json.WriteString("takes", TopPartsText.Of(takes));
        }

        if (Deletion is { } deletion)
        {
            json.WritePropertyName("deletion");
            DeletionJson.Write(json, deletion);
        }

        json.WriteEndObject();
    }
}
