using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol rename</c>.</summary>
internal static class Renaming
{
    public static void Run(Context context, VolumeName name, VolumeName to)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn) ?? throw Refusals.NoSuchVolume(name);
        var held = Guards.LockAll(store, context, name, to);
        try
        {
            Guards.RequireThere(store, name);
            Guards.RequireFree(store, to);
            Guards.RequireUnused(context, store, name);
            VolumeStores.DataOf(store).Rename(name, to);
        }
        finally
        {
            Guards.Release(held);
        }
    }
}
