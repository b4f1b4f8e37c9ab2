using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A volume, or a foreign entry among the volumes, and where it is mounted.</summary>
internal readonly record struct ListedEntry(StoreEntry Entry, IReadOnlyList<MountView> Mounts);
