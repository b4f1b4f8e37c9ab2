using System;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Finds the store that a configuration names.</summary>
internal static class VolumeStores
{
    /// <summary>Opens the store; null when there is none yet and <paramref name="create"/> is false. A leading slash means a directory
    /// store, anything else a dataset. In a dry run, the store announces what would be changed.</summary>
    public static IVolumeStore? Open(Configuration configuration, bool create, Upkeep upkeep) => configuration.Root.StartsWith('/')
        ? Planned(configuration.Root, StoreDirectory.Open(configuration, create, upkeep), create, upkeep.Plan,
            () => new NewDirectoryStore(configuration.Root))
        : Planned(configuration.Root, OpenDataset(configuration, create, upkeep), create, upkeep.Plan,
            () => new NewDatasetStore(configuration, upkeep));

    private static ZfsStore? OpenDataset(Configuration configuration, bool create, Upkeep upkeep)
    {
        try
        {
            return StoreDataset.Open(configuration, create, upkeep);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Unavailable && !configuration.Root.Contains('/', StringComparison.Ordinal))
        {
            throw e.With($"the store {Shown.Of(configuration.Root)} is taken for a dataset, because it does not begin with '/'; "
                + "a directory store is an absolute path");
        }
    }

    private static IVolumeStore? Planned<T>(string root, T? store, bool create, Plan? plan, Func<INewStoreSteps> none)
        where T : class, IVolumeStore, IStoreSteps => plan is null ? store
        : store is not null ? new PlannedStore(root, store, store, plan)
        : create ? new PlannedStore(root, null, none(), plan)
        : null;

    /// <summary>The names in the store that a configuration names.</summary>
    public static IStoreNames NamesOf(Configuration configuration) => configuration.Root.StartsWith('/')
        ? new DirectoryNames(configuration.Root.TrimEnd('/')) : new DatasetNames(configuration.Root);
}
