using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol rename</c>.</summary>
internal static class Renaming
{
    public static void Run(Context context, VolumeName name, VolumeName to) => Failures.Name(name.Text, () =>
    {
        using var volume = OpenedVolume.Existing(context, name, to);
        volume.RequireFree(to);
        volume.RequireUnused();
        volume.Store.Rename(name, to);
        LastUses.Rename(context, volume.Store, name, to);
        WayBack.Say(context, $"{name}: to take it back", "rename", to.Text, name.Text);
    });
}
