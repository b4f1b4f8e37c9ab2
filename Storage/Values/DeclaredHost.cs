using System.Collections.Generic;

namespace Kvol.Storage.Values;

/// <summary>What the file of <c>kvol apply</c> says that a host should have.</summary>
internal sealed record DeclaredHost(IReadOnlyList<DeclaredVolume> Volumes, IReadOnlyList<DeclaredRoot> Roots)
{
    /// <summary>The version of the file's form.</summary>
    public const int Version = 1;
}

/// <summary>A volume in such a file. What is null was left out, and stays as it is.</summary>
/// <param name="Name">Its name.</param>
internal sealed record DeclaredVolume(VolumeName Name)
{
    /// <summary>Whether it was created without a name.</summary>
    public bool? Anonymous { get; init; }

    /// <summary>The labels by key; a null value: the volume must not have this label.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>The label that <c>prune</c> spares: whether the volume must have it.</summary>
    public bool? Keep { get; init; }

    /// <summary>The quota in bytes; 0 for none.</summary>
    public ulong? Quota { get; init; }

    /// <summary>Its own policy of snapshots, in the form that is kept; "" for none of its own.</summary>
    public string? Policy { get; init; }

    /// <summary>Other properties that <c>set</c> knows, with their values as they were written.</summary>
    public IReadOnlyList<PropertyValue> Properties { get; init; } = [];

    /// <summary>The owner of its top directory.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group of its top directory.</summary>
    public uint? Gid { get; init; }

    /// <summary>The mode of its top directory.</summary>
    public uint? Mode { get; init; }
}

/// <summary>What should be mounted in one root directory, for a jail or for none.</summary>
/// <param name="Path">The absolute path of the root directory.</param>
/// <param name="Jail">The name of the jail, or null.</param>
internal sealed record DeclaredRoot(string Path, string? Jail, IReadOnlyList<MountSpec> Mounts);
