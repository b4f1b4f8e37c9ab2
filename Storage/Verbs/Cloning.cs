using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A new volume, and the snapshot that it is a clone of.</summary>
internal sealed record Cloned(SnapshotName From, VolumeName To, SeedRecord Seed);

/// <summary><c>kvol clone</c>.</summary>
internal static class Cloning
{
    /// <summary>Makes a new volume with the content of a volume or snapshot, all or nothing.</summary>
    public static SeedRecord Run(Context context, string source, VolumeName to, NewVolume wanted, bool promote)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        return Failures.Name(to.Text, () => Run(context, name, snapshot, to, wanted, promote));
    }

    private static SeedRecord Run(Context context, VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, bool promote)
    {
        using var volume = OpenedVolume.Existing(context, name, to);
        volume.RequireFree(to);
        var seed = volume.Store.Clone(name, snapshot, to, wanted, context, () => volume.WarnOfWriters("clone"));
        if (promote)
        {
            volume.Store.Promote(to);
        }

        Losses.Tell(context, to, seed.NotKept, count: seed.NotKeptCount);
        return seed;
    }

    /// <summary>Clones each snapshot of a group. The new volumes have the names of the old ones behind a prefix. After an error none of
    /// them is left.</summary>
    public static IReadOnlyList<Cloned> Run(Context context, GroupChoice choice, string prefix, NewVolume wanted)
    {
        using var group = OpenedGroup.Open(context, choice, NameOf);
        group.RequireComplete("cloned", s => $"kvol clone {s} {Shown.Quoted(prefix + s.Volume)}");
        var store = group.Volumes.Store;
        if (group.Snapshots.Select(s => NameOf(s.Volume)).FirstOrDefault(to => store.Find(to) is not null) is { } taken)
        {
            throw Refusals.Taken(taken.Text, "choose another prefix");
        }

        var made = new List<Cloned>();
        var steps = context.Plan?.Count ?? 0;
        try
        {
            foreach (var snapshot in group.Snapshots)
            {
                var to = NameOf(snapshot.Volume);
                var seed = Failures.Name(to.Text, () => store.Clone(snapshot.Volume, snapshot, to, wanted, context, () => { }));
                made.Add(new Cloned(snapshot, to, seed));
            }
        }
        catch when (context.Plan is { } plan)
        {
            plan.Rewind(steps);
            throw;
        }
        catch
        {
            made.ForEach(m => store.Remove(m.To, force: false)); // still locked, so nothing uses them
            throw;
        }

        made.ForEach(m => Losses.Tell(context, m.To, m.Seed.NotKept, count: m.Seed.NotKeptCount));
        return made;

        VolumeName NameOf(VolumeName volume) => VolumeName.Parse(prefix + volume.Text);
    }
}
