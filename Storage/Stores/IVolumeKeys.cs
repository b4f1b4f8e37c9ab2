using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The operations of a store that encrypts volumes. The caller holds the volume's lock.</summary>
internal interface IVolumeKeys
{
    /// <summary>Loads the key of an encrypted volume from a file; null means the file that it was created with. Does nothing if the key is
    /// loaded.</summary>
    void LoadKey(VolumeName name, string? file);

    /// <summary>Unloads the key of an encrypted volume that is mounted nowhere: it cannot be read until the key is loaded again.</summary>
    void UnloadKey(VolumeName name);
}
