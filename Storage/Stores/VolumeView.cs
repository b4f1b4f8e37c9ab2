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

/// <summary>A volume that a mount shows; <paramref name="IsHome"/> if the mount is the store's own.</summary>
internal readonly record struct ShownVolume(VolumeName Volume, bool IsHome);
