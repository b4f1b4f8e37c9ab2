using System;
using Kvol.Storage.Base;

namespace Kvol.Storage.Stores;

/// <summary>Finds the store that a configuration names.</summary>
internal static class VolumeStores
{
    /// <summary>Opens the store; null when there is none yet and <paramref name="create"/> is false. A leading slash means a directory
    /// store, anything else a dataset.</summary>
    public static IVolumeStore? Open(Configuration configuration, bool create, Action<string> warn) => configuration.Root.StartsWith('/')
        ? StoreDirectory.Open(configuration, create, warn) : StoreDataset.Open(configuration, create, warn);

    /// <summary>The names in the store that a configuration names.</summary>
    public static IStoreNames NamesOf(Configuration configuration) => configuration.Root.StartsWith('/')
        ? new DirectoryNames(configuration.Root.TrimEnd('/')) : new DatasetNames(configuration.Root);
}
