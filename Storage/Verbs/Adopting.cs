using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The result of an adoption.</summary>
/// <param name="Source">The dataset, or the path of the directory.</param>
/// <param name="Place">Where users of the host reached the data, and reach them no longer; null if nowhere, or if they still do.</param>
/// <param name="Copied">What was copied; null if the source was moved.</param>
internal sealed record Adopted(VolumeName Volume, string Source, string? Place, SeedRecord? Copied);

/// <summary><c>kvol adopt</c>: a dataset or a directory of the host becomes a volume.</summary>
internal static class Adopting
{
    public static Adopted Run(Context context, string source, VolumeName name, NewVolume wanted) => Failures.Name(name.Text, () =>
        HostPath.IsMeant(source) ? Directory(context, source, name, wanted) : Dataset(context, DatasetName.Parse(source), name, wanted));

    private static Adopted Dataset(Context context, DatasetName dataset, VolumeName name, NewVolume wanted)
    {
        using var volume = OpenedVolume.Locked(context, name, create: true);
        volume.RequireFree();
        var (place, mountpoint) = volume.Store.Adoption.Adopt(name, dataset, wanted);
        IEnumerable<string> back = mountpoint is null or "none" ? [] : ["--mountpoint", mountpoint];
        WayBack.Say(context, $"{name}: to take it back", "release", [.. back, name.Text, dataset.Text]);
        return new Adopted(name, dataset.Text, place, null);
    }

    private static Adopted Directory(Context context, string source, VolumeName name, NewVolume wanted)
    {
        using var tree = HostTree.Open(source);
        var path = Files.PathOf(tree.Directory);
        new OwnPlaces(context.Configuration).RequireApart(path);
        RefuseStores(path);
        using var volume = OpenedVolume.Locked(context, name, create: true);
        volume.RequireFree();
        RefuseVolumes(volume.Store, tree, path);
        TreeUses.RequireUnmounted(tree.Directory, path.ToString());
        if (volume.Store.Adoption.TryAdopt(name, tree, wanted, () => TreeUses.RequireUnheld(tree.Directory, path.ToString())))
        {
            WayBack.Say(context, $"{name}: to take it back", "release", name.Text, path.Text);
            return new Adopted(name, path.Text, path.Text, null);
        }

        var copied = Copy(context, volume.Store, tree, name, wanted);
        WayBack.Say(context, $"{name}: to take it back", "rm", name.Text);
        return new Adopted(name, path.Text, null, copied);
    }

    private static SeedRecord Copy(Context context, IVolumeStore store, HostTree tree, VolumeName name, NewVolume wanted)
    {
        var report = new CopyReport();
        SeedRecord seed;
        using (context.Watch(report))
        {
            seed = store.CreateFilled(name, wanted, Fill, context);
        }

        context.Plan?.Note($"fill {name} with a copy of {tree.Place.Path}: all or nothing, with the owners, ACLs, extended attributes, "
            + "flags, holes and hard links that cp(1) does not keep");
        Losses.Tell(context, name, seed.NotKept, count: seed.NotKeptCount);
        return seed;

        (SeedRecord Seed, HeldFlags Held) Fill(Fd directory, TopDirectory chosen)
        {
            var options = CopyOptions.Of(context, crossMounts: false) with { Cloning = store.MayClone(context.Configuration.Cloning) };
            var held = TreeCopier.Copy(tree.Directory, directory, options, report, chosen);
            return (SeedRecord.Of(tree.Place.Path, report), held);
        }
    }

    // Any store, not only the one that this command uses.
    private static void RefuseStores(ByteString path)
    {
        for (var end = path.Length; end > 0; end = path.Bytes[..end].LastIndexOf((byte)'/'))
        {
            var above = new ByteString(path.Bytes[..end]);
            if (Files.Exists(Files.Here, above.Plus(new ByteString("/store.json")))
                && Files.Exists(Files.Here, above.Plus(new ByteString("/volumes"))))
            {
                throw new KvolException(ExitStatus.Usage, path.ToString(), end == path.Length ? "is a store"
                    : $"lies in the store {above}; release a volume there first: kvol --root {Shown.Quoted(above.Text)} release VOL DIR");
            }
        }
    }

    private static void RefuseVolumes(IVolumeStore store, HostTree tree, ByteString path)
    {
        var table = MountTable.Read();
        if (table.Find(tree.Status.MountId) is { } row && store.Classifier(table)(row) is { } shown)
        {
            throw new KvolException(ExitStatus.Usage, path.ToString(),
                $"lies in the volume {shown.Volume}; to copy that: kvol clone {shown.Volume} VOL");
        }
    }
}
