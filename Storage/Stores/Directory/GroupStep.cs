using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;

namespace Kvol.Storage.Stores;

/// <summary>What remains to be done to one volume of several that change as one: a file in the volume's directory, which counts only if
/// the group was committed. Each part can be repeated, so that any command can complete it after a crash.</summary>
internal sealed record GroupStep
{
    /// <summary>The file in the directory of the volume.</summary>
    public const string FileName = ".group.json";

    /// <summary>The id of the change that it is a part of.</summary>
    public string Change { get; init; } = "";

    /// <summary>The name that the new snapshot gets; null if there is none.</summary>
    public string? Takes { get; init; }

    /// <summary>The inode of the directory that becomes the volume's content; null if that does not change.</summary>
    public ulong? Top { get; init; }

    /// <summary>Flags of that directory. They are set at the end, because they may forbid to rename it.</summary>
    public int Flags { get; init; }

    /// <summary>The snapshots that are removed.</summary>
    public IReadOnlyList<string> Removes { get; init; } = [];

    /// <summary>The id under which the content that is replaced, and the removed snapshots, are kept; null: they are deleted.</summary>
    public string? Keeps { get; init; }

    /// <summary>The id of the deleted volume whose content comes back; null if none does.</summary>
    public string? Returns { get; init; }

    /// <summary>Reads the file of a volume; null if there is none, or if a crash left only a part of it: then the group was not
    /// committed.</summary>
    public static GroupStep? Read(Fd volume) => StateFile.TryRead(volume, FileName, json => new GroupStep
    {
        Change = json.GetProperty("change").Text(),
        Takes = json.TryGetProperty("takes", out var takes) ? takes.Text() : null,
        Top = json.TryGetProperty("top", out var top) ? top.GetUInt64() : null,
        Flags = json.GetProperty("flags").GetInt32(),
        Keeps = json.TryGetProperty("keeps", out var keeps) ? keeps.Text() : null,
        Returns = json.TryGetProperty("returns", out var returns) ? returns.Text() : null,
        Removes = [.. json.GetProperty("removes").EnumerateArray().Select(r => r.Text())],
    });

    /// <summary>Writes the file; the caller syncs it.</summary>
    public void Write(Fd volume) => StateFile.WriteNew(volume, new ByteString(FileName), Write, durable: false);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("change", Change);
        if (Takes is not null)
        {
            json.WriteString("takes", Takes);
        }

        if (Top is { } top)
        {
            json.WriteNumber("top", top);
        }

        json.WriteNumber("flags", Flags);
        if (Keeps is not null)
        {
            json.WriteString("keeps", Keeps);
        }

        if (Returns is not null)
        {
            json.WriteString("returns", Returns);
        }

        json.WriteStartArray("removes");
        foreach (var name in Removes)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
