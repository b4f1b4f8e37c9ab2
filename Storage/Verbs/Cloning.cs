using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol clone</c>.</summary>
internal static class Cloning
{
    /// <summary>Makes a new volume with the content of another one or of a snapshot, all or nothing.</summary>
    public static SeedRecord Run(Context context, string source, VolumeName to, NewVolume wanted, bool promote)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn) ?? throw Refusals.NoSuchVolume(name);
        var held = Guards.LockAll(store, context, name, to);
        try
        {
            Guards.RequireThere(store, name);
            Guards.RequireFree(store, to);
            var data = VolumeStores.DataOf(store);
            var seed = data.Clone(name, snapshot, to, wanted, context, () => Guards.WarnOfWriters(context, store, name, "clone"));
            if (promote)
            {
                data.Promote(to);
            }

            Losses.Tell(context, to, seed.NotKept, count: seed.NotKeptCount);
            return seed;
        }
        finally
        {
            Guards.Release(held);
        }
    }
}
