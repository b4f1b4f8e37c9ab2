using System;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Fills an empty directory owned by root. Returns what the content was, and the flags that forbid changes to the directory and
/// its entries; the store sets these last. What a user has set on the top directory takes precedence over the content's metadata.</summary>
internal delegate (SeedRecord Seed, HeldFlags Held) FillDirectory(Fd directory, TopDirectory chosen);

/// <summary>A volume or snapshot opened for reading.</summary>
/// <param name="Directory">Its top directory.</param>
/// <param name="IsInstant">Whether it is a snapshot, which nothing changes any more.</param>
/// <param name="Release">Released after it was read.</param>
internal sealed record VolumeView(Fd Directory, bool IsInstant, Action Release) : IDisposable
{
    public void Dispose()
    {
        Directory.Dispose();
        Release();
    }
}

/// <summary>The content of a snapshot, to be mounted.</summary>
/// <param name="Directory">Its top directory.</param>
/// <param name="Mount">A mount of it that no process sees; closed if the directory is in a file system that is mounted.</param>
/// <param name="Origin">The <see cref="MountEntry.Origin"/> of that mount.</param>
/// <param name="Flags">The options of that mount besides those that are asked for.</param>
internal sealed record SnapshotContent(Fd Directory, Fd Mount, ByteString? Origin, MountFlags Flags);

/// <summary>A volume that a mount shows, or the <paramref name="Snapshot"/> of it that the mount shows; <paramref name="IsHome"/> if the
/// mount is the store's own.</summary>
internal readonly record struct ShownVolume(VolumeName Volume, bool IsHome, SnapshotName? Snapshot = null);
