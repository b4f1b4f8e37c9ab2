using System;
using System.Globalization;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Fills an empty dataset, all or nothing and durably.
/// <list type="number">
/// <item>Set <c>kvol:seeding</c> to mark the seeding as unfinished; a volume that is created to be seeded has it from the start.</item>
/// <item>Make a directory inside, whose name contains the dataset's guid, and copy the tree into it.</item>
/// <item>Write the record of the seeding to <c>kvol:seeding</c>; this transaction also brings everything copied to disk.</item>
/// <item>Rename the directory: this is the commit. Move its entries up (<see cref="MoveUp"/>), and remove it.</item>
/// <item>In one transaction, write the record to <c>kvol:seed</c> and empty <c>kvol:seeding</c>.</item>
/// </list>
/// Healing deletes the directory if the seeding was interrupted before the commit, and completes the moves if after it. It rolls back to
/// no snapshot, so snapshots that others take concurrently do not block it, and files that others wrote into the dataset stay. A snapshot
/// taken during a seeding contains the directory: a volume rolled back to it, or cloned from it, is healed in the same way
/// (<see cref="SeedingTraces"/>).</summary>
internal static class ZfsSeeding
{
    /// <summary>The property that is not empty from before the first file until everything is in place. Its value is the record of the
    /// seeding, once that exists.</summary>
    public const string Property = "kvol:seeding";

    /// <summary>Its value while there is no record yet.</summary>
    public const string Open = "open";

    /// <summary>When the last seeding ended, completed or undone. A directory changed later is not that seeding's
    /// (<see cref="SeedingTraces"/>).</summary>
    public const string EndedProperty = "kvol:seeding-ended";

    /// <summary>The most bytes that a property value can have.</summary>
    public const int LongestValue = 8000; // ZAP_MAXVALUELEN is 8192 with its terminator

    /// <summary>Marks a volume that must receive its content or be destroyed; <c>kvol:seed</c> says that the content arrived.</summary>
    public const string NewProperty = "kvol:new";

    /// <summary>Whether the volume was created for content that has not arrived.</summary>
    public static bool IsNew(DatasetStats dataset) =>
        dataset.Own(NewProperty) is { Length: > 0 } && dataset.Own(ZfsVolume.SeedProperty) is null;

    /// <summary>Whether a seeding is unfinished according to the properties; <see cref="SeedingTraces"/> finds the other cases.</summary>
    public static bool IsUnfinished(DatasetStats dataset) => dataset.Own(Property) is { Length: > 0 } || IsNew(dataset);

    /// <summary>Fills the empty dataset that is mounted at <paramref name="data"/>.</summary>
    public static SeedRecord Run(ZfsSystem zfs, DatasetStats dataset, Fd data, FillDirectory fill, Context context, IVolumeStore store)
    {
        var staged = SeedingTraces.Staging(dataset.Guid);
        if (dataset.Own(Property) is not { Length: > 0 })
        {
            zfs.Set(dataset.Name, (Property, Open));
        }

        SeedRecord seed;
        try
        {
            using (var staging = StagingDirectory.Make(data, staged))
            {
                var takes = dataset.Own(ZfsVolume.TakesProperty) is { } text ? TopPartsText.Parse(text) : (TopParts?)null;
                (seed, var held) = MoveUp.Fill(staging, VolumeTop.ChosenIn(Files.Status(data), takes), fill);
                zfs.Set(dataset.Name, (Property, SeedJson.Text(seed, held.Top, LongestValue)));
            }

            context.Interrupt.ThrowIfCancellationRequested();
            RefuseWritten(dataset.Name, data, staged, store);
            Emptiness.RemoveUntouched(data, () => store.OpenRecords(create: false));
            RefuseWritten(dataset.Name, data, staged, store);
            Files.Rename(data, staged, data, SeedingTraces.Committed(dataset.Guid));
        }
        catch
        {
            Discard(data, staged);
            zfs.Set(dataset.Name, (Property, ""), (EndedProperty, Now()));
            throw;
        }

        return Complete(zfs, dataset, dataset.Guid, data, seed);
    }

    /// <summary>Heals a seeding that was interrupted, or that a snapshot brought back: completes it if it had reached its commit, otherwise
    /// undoes it. What others wrote stays.</summary>
    public static void Finish(ZfsSystem zfs, DatasetStats dataset, Fd data, IVolumeStore store, Action<string> warn)
    {
        var value = dataset.Own(Property) is { Length: > 0 } text ? text : null;
        var (seed, flags) = SeedJson.ParseWithFlags(value is null or Open ? dataset.Own(ZfsVolume.SeedProperty) ?? "" : value);
        var traces = new SeedingTraces(zfs, dataset);
        if (traces.Find(data) is { IsCommitted: true } committed)
        {
            _ = Complete(zfs, dataset, committed.Guid, data, seed);
            return;
        }

        var discarded = false;
        for (; traces.Find(data) is { IsCommitted: false } staged; discarded = true)
        {
            Discard(data, SeedingTraces.Staging(staged.Guid));
        }

        var written = Emptiness.FirstForeign(data, () => store.OpenRecords(create: false));
        if (value is not null and not Open && !discarded && written is not null)
        {
            // Everything is in place, except what comes last.
            End(zfs, dataset, seed.Without(MoveUp.SetTop(data, flags)));
            return;
        }

        if (value is not null)
        {
            zfs.Set(dataset.Name, (Property, ""), (EndedProperty, Now()));
        }
        else if (discarded)
        {
            // A snapshot brought back the state before the first mount gave the top directory its owner and mode.
            zfs.Set(dataset.Name, (ZfsVolume.TakesProperty, TopPartsText.Of(TopParts.Both)), (EndedProperty, Now()));
        }

        if (discarded && written is not null)
        {
            warn($"{dataset.Name}: its seeding was interrupted and undone; another program wrote '{written}', so the volume is not "
                + "seeded again");
        }
    }

    private static SeedRecord Complete(ZfsSystem zfs, DatasetStats dataset, ulong guid, Fd data, SeedRecord seed)
    {
        MovedUp moved;
        var name = SeedingTraces.Committed(guid);
        using (var committed = Files.OpenDirectory(data, name))
        {
            moved = MoveUp.Complete(committed, data, dataset.Name);
        }

        MoveUp.Remove(data, name);
        if (moved.Top is { } times)
        {
            Files.SetTimes(data, CName.Empty, times);
        }

        seed = seed.Without([.. moved.Lost, .. MoveUp.SetTop(data, moved.Flags)]);
        End(zfs, dataset, seed);
        return seed;
    }

    private static void End(ZfsSystem zfs, DatasetStats dataset, SeedRecord seed) => zfs.Set(
        dataset.Name, (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, LongestValue)), (Property, ""), (EndedProperty, Now()),
        (ZfsVolume.TakesProperty, TopPartsText.Of(TopParts.None)));

    // A timestamp with the precision of a tick, because a directory may have changed in the same second.
    private static string Now() => DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);

    private static void RefuseWritten(string dataset, Fd data, ByteString staged, IVolumeStore store)
    {
        if (Emptiness.FirstForeign(data, () => store.OpenRecords(create: false), except: staged) is { } written)
        {
            throw new KvolException(ExitStatus.Busy, dataset,
                $"'{written}' was written into it while it was being seeded; it is left as it is");
        }
    }

    private static void Discard(Fd data, ByteString staged)
    {
        if (Files.Exists(data, staged))
        {
            TreeRemover.Remove(data, staged, Files.PathOf(data).ToString());
        }
    }
}
