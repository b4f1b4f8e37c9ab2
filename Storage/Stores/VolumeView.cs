using System;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Puts content into an empty directory of root's: what it was, and the flags that forbid changes to the directory and its
/// entries, which the store sets when nothing else is to be done to them. What was chosen for the top directory goes before what the
/// content says of it.</summary>
internal delegate (SeedRecord Seed, HeldFlags Held) FillDirectory(Fd directory, TopDirectory chosen);

/// <summary>A volume or snapshot opened to be read.</summary>
/// <param name="Directory">Its top directory.</param>
/// <param name="IsInstant">Whether it is one instant, which nothing changes any more.</param>
/// <param name="Release">What is to be undone when it was read.</param>
internal sealed record VolumeView(Fd Directory, bool IsInstant, Action Release) : IDisposable
{
    public void Dispose()
    {
        Directory.Dispose();
        Release();
    }
}

/// <summary>A volume that a mount shows; <paramref name="IsHome"/> when the mount is where the store itself keeps it.</summary>
internal readonly record struct ShownVolume(VolumeName Volume, bool IsHome);
