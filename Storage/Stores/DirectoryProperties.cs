using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Data;

namespace Kvol.Storage.Stores;

/// <summary>What a directory store knows of a volume's space, and its properties: labels alone.</summary>
internal sealed partial class DirectoryStore
{
    public SpaceUse Space(VolumeName name)
    {
        using var data = OpenData(name);
        var (allocated, apparent) = TreeSize.Of(data);
        return new SpaceUse(allocated, apparent, null, Native.Space.Available(data), null, null, null);
    }

    public IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        var labels = VolumeFile.Read(volume, name).Labels;
        return names.Count == 0
            ? [.. labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => new PropertyValue(PropertyName.OfLabel(l.Key).Text, l.Value))]
            : [.. names.Select(n => new PropertyValue(n.Text, n.Label is { } key ? labels.GetValueOrDefault(key) : null))];
    }

    public void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values)
    {
        if (values.FirstOrDefault(v => v.Name.Label is null).Name is { } other)
        {
            throw new KvolException(ExitStatus.Unavailable, other.Text, other.Text == "quota"
                ? $"a directory has no quota of its own; keep the volume in a ZFS store, or limit {Files.PathOf(volumes)}/{name} with a project quota of its file system (XFS, ext4)"
                : "a directory store has no datasets, so no such property; keep the volume in a ZFS store");
        }

        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        var file = VolumeFile.Read(volume, name);
        var labels = new SortedDictionary<string, string>(file.Labels.ToDictionary(), StringComparer.Ordinal);
        foreach (var (property, value) in values)
        {
            if (value.Length == 0)
            {
                labels.Remove(property.Label!);
            }
            else
            {
                labels[property.Label!] = value;
            }
        }

        (file with { Labels = labels }).Write(volume);
    }
}
