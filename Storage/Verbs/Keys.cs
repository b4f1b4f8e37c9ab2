using System;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol load-key</c> and <c>unload-key</c>.</summary>
internal static class Keys
{
    public static void Load(Context context, VolumeName name, string? file) => With(context, name, (_, keys) => keys.LoadKey(name, file));

    public static void Unload(Context context, VolumeName name) => With(context, name, (store, keys) =>
    {
        Guards.RequireUnused(context, store, name);
        keys.UnloadKey(name);
    });

    private static void With(Context context, VolumeName name, Action<IVolumeStore, IVolumeKeys> action)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn) ?? throw Refusals.NoSuchVolume(name);
        using var held = store.Lock(name, context);
        Guards.RequireThere(store, name);
        action(store, store as IVolumeKeys ?? throw Refusals.DoesNotEncrypt(name.Text));
    }
}
