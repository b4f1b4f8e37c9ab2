using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Volumes that a verb changes as one: their store, opened once, and all their locks.</summary>
internal sealed class OpenedVolumes : IDisposable
{
    private readonly VolumeLocks locks;

    private OpenedVolumes(Context context, IVolumeStore store, IReadOnlyList<VolumeName> names, IEnumerable<VolumeName> others)
    {
        Store = store;
        locks = new VolumeLocks(store, [.. names, .. others], context);
        All = [.. names.Select(n => OpenedVolume.In(context, store, n))];
    }

    public IVolumeStore Store { get; }

    /// <summary>The volumes. They need not be disposed of.</summary>
    public IReadOnlyList<OpenedVolume> All { get; }

    /// <summary>The names of the volumes, for messages.</summary>
    public string Names => string.Join(", ", All.Select(v => v.Name));

    /// <summary>Opens the store, chooses volumes in it, and takes their locks and those of other names; an error (66) if a volume does not
    /// exist, an error (75) if one is not complete. <paramref name="missing"/> is thrown if there is no store.</summary>
    public static OpenedVolumes Existing(Context context, Func<IVolumeStore, IReadOnlyList<VolumeName>> choose, KvolException missing,
        Func<VolumeName, VolumeName>? others = null)
    {
        var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep) ?? throw missing;
        OpenedVolumes? opened = null;
        try
        {
            var names = choose(store);
            opened = new OpenedVolumes(context, store, names, others is null ? [] : names.Select(others));
            foreach (var volume in opened.All)
            {
                volume.RequireComplete();
            }

            return opened;
        }
        catch
        {
            opened?.locks.Dispose();
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        locks.Dispose();
        Store.Dispose();
    }
}
