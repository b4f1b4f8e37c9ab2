using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The locks of the volumes of one command. They are taken in the order of the names, after the root directory's lock, so that no
/// two commands deadlock.</summary>
internal sealed class VolumeLocks : IDisposable
{
    private readonly IVolumeStore store;
    private readonly Context context;
    private readonly bool toRemove;
    private readonly Stack<IDisposable> held = new();

    /// <summary>Takes them all, or none. <paramref name="toRemove"/>: see <see cref="IVolumeStore.Lock"/>.</summary>
    public VolumeLocks(IVolumeStore store, IEnumerable<VolumeName> names, Context context, bool toRemove = false)
    {
        (this.store, this.context, this.toRemove) = (store, context, toRemove);
        try
        {
            foreach (var name in InOrder(names))
            {
                Add(name);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Each name once, in the order in which all commands take their locks.</summary>
    public static IEnumerable<VolumeName> InOrder(IEnumerable<VolumeName> names) =>
        names.Distinct().OrderBy(n => n.Text, StringComparer.Ordinal);

    /// <summary>Takes one more lock; its name must come after those of the locks that are held.</summary>
    public void Add(VolumeName name) => held.Push(store.Lock(name, context, toRemove));

    public void Dispose()
    {
        while (held.TryPop(out var one))
        {
            one.Dispose();
        }
    }
}
