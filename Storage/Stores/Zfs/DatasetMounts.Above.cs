using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>Mounts above a dataset's mountpoint, and mounts that cover it.</content>
internal sealed partial class DatasetMounts
{
    /// <summary>Mounts the unmounted datasets of the pool whose mountpoints are above that of another one, outermost first, as 'zfs mount
    /// -a' does: mounting one later would hide what is below it. An error (75) if a key is not loaded. Skips datasets in
    /// <paramref name="volumes"/>.</summary>
    public void MountOuter(DatasetStats dataset, DatasetName volumes)
    {
        if (MountpointOf(dataset) is not { } place || zfs.Find(store.Pool) is not { } pool)
        {
            return;
        }

        var outer = new List<(string Path, DatasetStats Dataset)>();
        Find(pool);
        foreach (var (path, above) in outer.OrderBy(o => o.Path.Length))
        {
            if (HomeOf(above) is not null)
            {
                continue;
            }

            if (Mountpoint.IsLocked(above))
            {
                throw new KvolException(ExitStatus.Busy, dataset.Name,
                    $"{above.Name} belongs on {path}, above it, and its encryption key is not loaded, so that it would be hidden later: "
                    + $"zfs load-key {above.Name}");
            }

            if (Mountpoint.Refusal(above) is null)
            {
                _ = Mount(above, mayBeMounted: true);
            }
        }

        void Find(DatasetStats above)
        {
            if (above.Name != dataset.Name && Mountpoint.IsMountedAtBoot(above) && MountpointOf(above) is { } path
                && place.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal))
            {
                outer.Add((path, above));
            }

            foreach (var child in above.Name == volumes.Text ? []
                : ZfsErrors.Reading(above.Name, () => zfs.Device.Children(above.Name, (_, _) => { }).ToArray()))
            {
                Find(child);
            }
        }
    }

    /// <summary>The error (75) if another mount covers the dataset's own mount, so that nothing can be reached through it; otherwise
    /// null.</summary>
    public KvolException? CoveredError(MountEntry home) =>
        IsAt(home.Target, home.Id) ? null : Covered(home.Dataset?.ToString() ?? "", home.Target);

    private KvolException Covered(string dataset, ByteString place)
    {
        table = MountTable.Read();
        var cover = table.Entries.LastOrDefault(e => place.IsAtOrBelow(e.Target) && e.Dataset?.ToString() != dataset);
        return new KvolException(ExitStatus.Busy, dataset,
            $"is mounted on {place}, but another mount covers that place{(cover is null ? ""
            : $": umount {Shown.Quoted(cover.Target.Text)}")}");
    }
}
