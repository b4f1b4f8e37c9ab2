using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Mounting;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Zfs;

/// <summary>How content gets into a dataset, and what a crash leaves of that.</summary>
internal sealed partial class ZfsStore
{
    public SeedRecord Seed(VolumeName name, Fd source, string sourceText, bool crossMounts, Context context, CopyReport report)
    {
        var options = context.CopyOptions(crossMounts);
        options = options with { Cloning = Cloning.Of(zfs, root.Pool, options.Cloning).IsOn };
        return Fill(name, sourceText, Copy, context);

        (SeedRecord Seed, int Flags) Copy(Fd tree, TopDirectory chosen)
        {
            var flags = TreeCopier.Copy(source, tree, options, report, chosen);
            return (SeedRecord.Of(sourceText, report), flags);
        }
    }

    public SeedRecord Fill(VolumeName name, FillDirectory fill, Context context) => Fill(name, "an archive", fill, context);

    public SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context)
    {
        Make(name, wanted, (ZfsSeeding.NewProperty, "1"));
        var dataset = volumes.Child(name.Text).Text;
        SeedRecord seed;
        try
        {
            seed = Fill(name, fill, context);
        }
        catch
        {
            if (zfs.Find(dataset) is { } left)
            {
                DestroyNew(left, context);
            }

            throw;
        }

        ZfsErrors.Changing(dataset, () => zfs.Device.Inherit(dataset, ZfsSeeding.NewProperty));
        return seed;
    }

    public IReadOnlyList<VolumeName> Unfinished()
    {
        var found = new List<VolumeName>();
        foreach (var dataset in ZfsErrors.Reading(volumes.Text, () => zfs.Device.Children(volumes.Text).ToArray()))
        {
            var name = dataset.Name[(volumes.Text.Length + 1)..];
            if (!VolumeName.IsValid(name))
            {
                continue;
            }

            var hasLeftovers = zfs.Snapshots(dataset.Name).Any(IsLeftover);
            if (hasLeftovers)
            {
                withLeftovers.Add(dataset.Name);
            }

            if (hasLeftovers || ZfsSeeding.IsUnfinished(dataset))
            {
                found.Add(VolumeName.Parse(name));
            }
        }

        return found;
    }

    private SeedRecord Fill(VolumeName name, string what, FillDirectory fill, Context context)
    {
        using var data = OpenData(name);
        if (Home(volumes.Child(name.Text)) is { } home && home.Flags.HasFlag(MountFlags.ReadOnly))
        {
            throw new KvolException(ExitStatus.CannotCreate, name.Text, $"is read-only, so nothing can be put into it: 'zfs set readonly=off {volumes}/{name}', or mount it with nocopy");
        }

        return ZfsSeeding.Run(zfs, volumes.Child(name.Text).Text, data, what, fill, context, this);
    }

    /// <summary>Clears what a crash left of a volume, its lock being held.</summary>
    private void Heal(DatasetStats dataset, Context context)
    {
        if (withLeftovers.Remove(dataset.Name))
        {
            ClearLeftovers(dataset.Name);
        }

        if (!ZfsSeeding.IsUnfinished(dataset) || Mountpoint.Refusal(dataset) is not null)
        {
            return;
        }

        using (var data = mounts.Open(dataset))
        {
            ZfsSeeding.Finish(zfs, dataset, data, this, context.Warn);
        }

        if (zfs.Find(dataset.Name) is { } healed && ZfsSeeding.IsNew(healed))
        {
            DestroyNew(healed, context);
        }
    }

    /// <summary>Destroys a volume that never had its content, unless somebody else put something there.</summary>
    private void DestroyNew(DatasetStats dataset, Context context)
    {
        if (Mountpoint.Refusal(dataset) is null)
        {
            using var data = mounts.Open(dataset);
            if (MountPointRecords.FirstForeign(data, this) is { } written)
            {
                context.Warn($"{dataset.Name}: was made for an archive that did not come; '{written}' was put there by somebody else, so it stays");
                ZfsErrors.Changing(dataset.Name, () => zfs.Device.Inherit(dataset.Name, ZfsSeeding.NewProperty));
                return;
            }
        }

        if (zfs.Snapshots(dataset.Name) is { Count: > 0 } snapshots)
        {
            Destroy(snapshots.Select(s => s.Name), dataset.Name);
        }

        Destroy(dataset);
    }
}
