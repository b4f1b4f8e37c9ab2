using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

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
}
