using System;
using Kvol.Native;
using Kvol.Storage.Copy;

namespace Kvol.Storage.Stores;

/// <summary>Puts content into an empty directory of root's: what it was, and flags of the directory itself that forbid changes, which the store sets when
/// nothing else is to be done to it. What was chosen for the top directory goes before what the content says of it.</summary>
internal delegate (SeedRecord Seed, int Flags) FillDirectory(Fd directory, TopDirectory chosen);

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

/// <summary>What a store does with the content of volumes. A verb that changes a volume wants its lock held; a refusal says why (69: not on this store).</summary>
internal interface IVolumeData
{
    /// <summary>Makes a volume with content: at one instant, durably, absent or complete. The name is free.</summary>
    SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context);

    /// <summary>Fills an empty volume that is mounted nowhere, all or nothing and durably.</summary>
    SeedRecord Fill(VolumeName name, FillDirectory fill, Context context);

    /// <summary>Opens a volume or snapshot to be read; an error (66) when the snapshot is not there. The lock need not be held while it is read.</summary>
    VolumeView OpenView(VolumeName name, SnapshotName? snapshot);
}
