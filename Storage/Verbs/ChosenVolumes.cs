using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Finds the volumes that <c>kvol snapshot</c> was asked for.</summary>
internal static class ChosenVolumes
{
    /// <summary>The volumes, each once: named ones as they were named, others by name. An error (66) if there are none.</summary>
    public static IReadOnlyList<VolumeName> Of(Context context, IVolumeStore store, SnapshotChoice choice)
    {
        if (choice.Named.Count > 0)
        {
            return [.. choice.Named.Select(s => s.Volume)];
        }

        var names = choice.Labels.Count > 0
                ? store.List(e => context.Warn(e.Message)).OfType<Volume>().Where(choice.Matches).Select(v => v.Name)
            : choice.Under is { } under ? Below(context, store, under)
            : MountViews.Of(context, store, everywhere: false).Where(m => m.Jail == choice.Jail).Select(m => m.Volume)
                .OfType<VolumeName>();
        return VolumeLocks.InOrder(names).ToArray() is { Length: > 0 } found ? found : throw None(choice);
    }

    /// <summary>The error (66) where there are none.</summary>
    public static KvolException None(SnapshotChoice choice) => choice.Labels.Count > 0
        ? new(ExitStatus.NoInput, $"--label {string.Join(" --label ", choice.Labels.Select(Shown.Word))}",
            "no volume has it; 'kvol ls' shows labels")
        : choice.Under is { } under
            ? new(ExitStatus.NoInput, Shown.Word(under), "no volume of this store is mounted below it; 'kvol mounts' lists mounts")
            : new(ExitStatus.NoInput, choice.Jail!,
                "no volume of this store is mounted for a jail of this name; 'kvol mounts' lists mounts");

    private static IEnumerable<VolumeName> Below(Context context, IVolumeStore store, string under)
    {
        using var root = RootDirectory.Open(under, context.Configuration.Root);
        return [.. new KvolMounts(store, []).Below(root.Path).Select(m => m.Volume).OfType<VolumeName>()];
    }
}
