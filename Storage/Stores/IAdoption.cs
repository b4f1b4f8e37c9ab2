using System;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>How existing data become a volume, and how a volume leaves the store: by rename, so that nothing is copied. The caller holds
/// the volume's lock, and has checked that nothing uses what is moved. A crash leaves the data where they were, or as a volume.</summary>
internal interface IAdoption
{
    /// <summary>Moves a directory of the host into the store as a new volume. False, and nothing was done, where the store cannot take a
    /// directory of that file system. <paramref name="requireUnheld"/> is called before the directory is moved, and prevents that by an
    /// error.</summary>
    bool TryAdopt(VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld);

    /// <summary>Moves a dataset into the store as a new volume. It inherits its mountpoint afterwards and keeps its other
    /// properties. Returns where it was mounted, and the mountpoint that was set on it; null if it was not.</summary>
    (string? Place, string? Mountpoint) Adopt(VolumeName name, DatasetName dataset, NewVolume wanted);

    /// <summary>Moves the content of a volume to a free name on the host. What kvol knows of the volume is removed last.</summary>
    void Release(VolumeName name, HostPlace to);

    /// <summary>Moves the dataset of a volume out of the store, with its snapshots and the mountpoint <paramref name="mountpoint"/>, or an
    /// inherited one if that is null. Returns where it is mounted; null if it is not.</summary>
    string? Release(VolumeName name, DatasetName to, string? mountpoint);
}
