using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A group of snapshots, with the locks of its volumes.</summary>
internal sealed class OpenedGroup : IDisposable
{
    private readonly SnapshotGroup group;

    private OpenedGroup(OpenedVolumes volumes, SnapshotGroup group, IReadOnlyList<SnapshotName> snapshots) =>
        (Volumes, this.group, Snapshots) = (volumes, group, snapshots);

    /// <summary>The volumes that have a snapshot of the group, in the order of <see cref="Snapshots"/>.</summary>
    public OpenedVolumes Volumes { get; }

    /// <summary>The snapshots that there are, by their names now.</summary>
    public IReadOnlyList<SnapshotName> Snapshots { get; }

    public string Id => group.Id;

    public string? Jail => group.Jail;

    /// <summary>Finds a group and takes the locks of its volumes, and those of other names; an error (66) if there is no such
    /// group.</summary>
    public static OpenedGroup Open(Context context, GroupChoice choice, Func<VolumeName, VolumeName>? others = null)
    {
        IReadOnlyList<SnapshotInfo> found = [];
        var volumes = OpenedVolumes.Existing(context, store =>
        {
            found = Find(context, store, choice);
            return [.. found.Select(s => s.Name.Volume)];
        }, NoSuchGroup(choice), others);
        return new OpenedGroup(volumes, found[0].Group!, [.. found.Select(s => s.Name)]);
    }

    /// <summary>Finds the snapshots of a group without a lock; an error (66) if there is no such group.</summary>
    public static IReadOnlyList<SnapshotInfo> Find(Context context, IVolumeStore store, GroupChoice choice)
    {
        var found = store.List(e => context.Warn(e.Message)).OfType<Volume>().SelectMany(v => store.Snapshots(v.Name))
            .Where(choice.Matches).ToArray();
        var ids = found.Select(s => s.Group!.Id).Distinct().ToArray();
        return ids.Length switch
        {
            0 => throw NoSuchGroup(choice),
            1 => found,
            _ => throw new KvolException(ExitStatus.Usage, choice.ToString(),
                $"there are {ids.Length} such groups; name one: --group {string.Join(", or --group ", ids)}"),
        };
    }

    /// <summary>Throws an error (75) that names the snapshots that were removed since the group was taken. <paramref name="command"/>
    /// gives the command for a single snapshot.</summary>
    public void RequireComplete(string done, Func<SnapshotName, string> command)
    {
        if (group.Missing(Snapshots) is { Count: > 0 } missing)
        {
            throw new KvolException(ExitStatus.Busy, $"group {Id}",
                $"has lost {string.Join(", ", missing.Take(VolumeUse.MostNamed))}"
                + (missing.Count > VolumeUse.MostNamed ? $" and {missing.Count - VolumeUse.MostNamed} more" : "")
                + $", so it cannot be {done} as one; each of the others can: "
                + string.Join("; ", Snapshots.Take(VolumeUse.MostNamed).Select(command))
                + (Snapshots.Count > VolumeUse.MostNamed ? "; ..." : ""));
        }
    }

    public void Dispose() => Volumes.Dispose();

    private static KvolException NoSuchGroup(GroupChoice choice) =>
        new(ExitStatus.NoInput, choice.ToString(), "no such group; 'kvol ls -t snapshot' lists them");
}
