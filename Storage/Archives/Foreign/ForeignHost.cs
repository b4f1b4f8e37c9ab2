using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>What another program keeps of its volumes and of what it mounts where.</summary>
/// <param name="Left">What kvol cannot take, one line each with the reason.</param>
internal sealed record ForeignHost(IReadOnlyList<ForeignVolume> Volumes, IReadOnlyList<ForeignRoot> Roots, IReadOnlyList<string> Left);

/// <summary>A volume of another program whose files lie in a directory of this host.</summary>
/// <param name="Directory">The absolute path of that directory.</param>
/// <param name="Labels">Only those that a volume of kvol can have.</param>
/// <param name="Anonymous">Whether it was created without a name.</param>
internal sealed record ForeignVolume(VolumeName Name, string Directory, IReadOnlyDictionary<string, string> Labels, bool Anonymous);

/// <summary>What another program mounts in one root directory.</summary>
/// <param name="Name">The name of the container; null if the whole file is about one root directory.</param>
internal sealed record ForeignRoot(string? Name, IReadOnlyList<MountSpec> Mounts);
