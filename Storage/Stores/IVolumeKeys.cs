using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>What a store does that encrypts volumes. The lock of the volume is held.</summary>
internal interface IVolumeKeys
{
    /// <summary>Makes an encrypted volume readable: with the key in a file, or in the one that it was created with when that is null. A
    /// volume that is readable stays so.</summary>
    void LoadKey(VolumeName name, string? file);

    /// <summary>Makes an encrypted volume that is mounted nowhere unreadable until its key is loaded again.</summary>
    void UnloadKey(VolumeName name);
}
