using System;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol load-key</c> and <c>unload-key</c>.</summary>
internal static class Keys
{
    public static void Load(Context context, VolumeName name, string? file) => With(context, name, (_, keys) => keys.LoadKey(name, file));

    public static void Unload(Context context, VolumeName name) => With(context, name, (volume, keys) =>
    {
        volume.RequireUnused();
        keys.UnloadKey(name);
        WayBack.Say(context, $"{name}: to take it back", "load-key", name.Text);
    });

    private static void With(Context context, VolumeName name, Action<OpenedVolume, IVolumeKeys> action)
    {
        using var volume = OpenedVolume.Existing(context, name);
        action(volume, volume.Store.Keys ?? throw Refusals.DoesNotEncrypt(name.Text));
    }
}
