using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>volume.json of a directory store.</summary>
internal sealed record VolumeFile(VolumeName Name, DateTimeOffset Created, bool Anonymous, IReadOnlyDictionary<string, string> Labels,
    SeedRecord? Seed)
{
    /// <summary>Set while it is kept after its deletion.</summary>
    public DeletionRecord? Deletion { get; init; }

    /// <summary>What a seeding that moves its content up brings, from before its commit until all of it is in its place; null at any other
    /// time.</summary>
    public SeedRecord? Seeding { get; init; }

    /// <summary>What the first mount may still give the top directory; null for a volume whose first mount is over, or that is older than
    /// this record.</summary>
    public TopParts? Takes { get; init; }

    // A volume that is being seeded has the higher one: a kvol that does not know that state leaves it alone.
    private const int Version = 1, SeedingVersion = 2;
    public const string FileName = "volume.json";

    /// <summary>Reads it, or throws an error (65) and leaves it as it is. The name is that of the directory; null: the one that is written
    /// in the file.</summary>
    public static VolumeFile Read(Fd directory, VolumeName? name) => Read(directory, new ByteString(FileName), name);

    /// <summary>The same of a file that lies deeper; <paramref name="room"/> is for who reads many.</summary>
    public static VolumeFile Read(Fd directory, CName path, VolumeName? name, byte[]? room = null)
    {
        using var json = StateFile.Read(directory, path, room) ?? throw StateFile.Damaged(directory, path, "is missing");
        var root = json.RootElement;
        var version = StateFile.Get(root, "version", v => v.GetInt32(), directory, path);
        if (version > SeedingVersion)
        {
            throw new KvolException(
                ExitStatus.Damaged, $"{Files.PathOf(directory)}/{path.ToString()}",
                    $"was written by a later kvol (version {version}, this one knows {SeedingVersion}); it is left untouched");
        }

        return new VolumeFile(
            name ?? StateFile.Get(root, "name", v => VolumeName.IsValid(v.Text()) ? VolumeName.Parse(v.Text())
                : throw new FormatException(), directory, path),
            StateFile.Get(root, "created", v => v.GetDateTimeOffset(), directory, path),
                StateFile.Get(root, "anonymous", v => v.GetBoolean(), directory, path),
            StateFile.Get(root, "labels", ReadLabels, directory, path), StateFile.Find(root, "seed", SeedJson.Read, directory, path))
        {
            Seeding = version == SeedingVersion ? StateFile.Get(root, "seeding", SeedJson.Read, directory, path) : null,
            Takes = StateFile.Find<TopParts?>(root, "takes", v => TopPartsText.Parse(v.Text()), directory, path),
            Deletion = StateFile.Find(root, "deletion", v =>
                new DeletionRecord(v.GetProperty("at").GetDateTimeOffset(), v.GetProperty("until").GetDateTimeOffset()), directory, path),
        };

        static IReadOnlyDictionary<string, string> ReadLabels(JsonElement labels) =>
            labels.GetPropertyCount() == 0 ? ReadOnlyDictionary<string, string>.Empty
                : labels.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Text());
    }

    /// <summary>Replaces the file, durably.</summary>
    public void Write(Fd directory) => StateFile.Write(directory, FileName, Write);

    /// <summary>Writes the file of a volume that is being made, whose directory is the caller's to sync; the file too unless it is
    /// <paramref name="durable"/>.</summary>
    public void WriteNew(Fd directory, bool durable) => StateFile.WriteNew(directory, new ByteString(FileName), Write, durable);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Seeding is null ? Version : SeedingVersion);
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

        if (Takes is { } takes)
        {
            json.WriteString("takes", TopPartsText.Of(takes));
        }

        if (Deletion is { } deletion)
        {
            json.WriteStartObject("deletion");
            json.WriteString("at", Timestamp.Text(deletion.At));
            json.WriteString("until", Timestamp.Text(deletion.Until));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

/// <summary>When a volume was deleted, and until when it is kept.</summary>
internal sealed record DeletionRecord(DateTimeOffset At, DateTimeOffset Until);
