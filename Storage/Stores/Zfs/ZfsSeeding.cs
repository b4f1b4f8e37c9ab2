using System;
using System.Globalization;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Fills an empty dataset, all or nothing and durably.
/// <list type="number">
/// <item><c>kvol:seeding</c> says that a seeding is open; a volume that is made to be seeded has it from the start.</item>
/// <item>A directory whose name has the dataset's guid in it is made inside; the tree is copied below it.</item>
/// <item>The record of the seeding goes into <c>kvol:seeding</c>: with that transaction all that was copied is on disk.</item>
/// <item>The directory is renamed: this is the commit. What it holds is moved up (<see cref="MoveUp"/>), and it goes.</item>
/// <item>In one transaction the record becomes <c>kvol:seed</c>, and <c>kvol:seeding</c> is emptied.</item>
/// </list>
/// Cut off before the commit, the directory is deleted; after it, the moves are completed. Neither needs a snapshot to roll back to, so
/// no snapshot that others take meanwhile can be in the way, and nothing is ever touched that somebody else wrote into the dataset. A snapshot taken
/// meanwhile has the directory in it: what was rolled back to it, or cloned from it, heals in the same way (<see cref="SeedingTraces"/>).</summary>
internal static class ZfsSeeding
{
    /// <summary>The property that is not empty from before the first file until all is in its place: the record of the seeding, once there is one.</summary>
    public const string Property = "kvol:seeding";

    /// <summary>What it is while there is no record yet.</summary>
    public const string Open = "open";

    /// <summary>When the last seeding ended, completed or undone: what changed after that is not its directory (<see cref="SeedingTraces"/>).</summary>
    public const string EndedProperty = "kvol:seeding-ended";

    /// <summary>The bytes that a property takes.</summary>
    public const int LongestValue = 8000; // ZAP_MAXVALUELEN is 8192 with its terminator

    /// <summary>The property of a volume that is made to have content or not to be; its seed says that the content came.</summary>
    public const string NewProperty = "kvol:new";

    /// <summary>Whether the volume was made for content that has not come.</summary>
    public static bool IsNew(DatasetStats dataset) => dataset.Own(NewProperty) is { Length: > 0 } && dataset.Own(ZfsVolume.SeedProperty) is null;

    /// <summary>Whether a seeding is open, as far as the properties tell; <see cref="SeedingTraces"/> tell the rest.</summary>
    public static bool IsUnfinished(DatasetStats dataset) => dataset.Own(Property) is { Length: > 0 } || IsNew(dataset);

    /// <summary>Fills the dataset that is mounted at <paramref name="data"/>, and is empty.</summary>
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

    /// <summary>Ends a seeding that was cut off, or that a snapshot brought back: completed when it had come to its commit, undone otherwise. What others
    /// wrote stays.</summary>
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
            // Everything is in its place, but for what comes last.
            End(zfs, dataset, seed.Without(MoveUp.SetTop(data, flags)));
            return;
        }

        if (value is not null)
        {
            zfs.Set(dataset.Name, (Property, ""), (EndedProperty, Now()));
        }
        else if (discarded)
        {
            // A snapshot brought back a time before the first mount had given the top directory anything.
            zfs.Set(dataset.Name, (ZfsVolume.TakesProperty, TopPartsText.Of(TopParts.Both)), (EndedProperty, Now()));
        }

        if (discarded && written is not null)
        {
            warn($"{dataset.Name}: a seeding was cut off and undone; '{written}' was put there by somebody else, so it stays and the volume is not seeded again");
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
            Files.SetTimes(data, ""u8.ToName(), times);
        }

        seed = seed.Without([.. moved.Lost, .. MoveUp.SetTop(data, moved.Flags)]);
        End(zfs, dataset, seed);
        return seed;
    }

    private static void End(ZfsSystem zfs, DatasetStats dataset, SeedRecord seed) => zfs.Set(
        dataset.Name, (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, LongestValue)), (Property, ""), (EndedProperty, Now()),
        (ZfsVolume.TakesProperty, TopPartsText.Of(TopParts.None)));

    // To the tick: a directory may have changed in the same second.
    private static string Now() => DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);

    private static void RefuseWritten(string dataset, Fd data, ByteString staged, IVolumeStore store)
    {
        if (Emptiness.FirstForeign(data, () => store.OpenRecords(create: false), except: staged) is { } written)
        {
            throw new KvolException(ExitStatus.Busy, dataset, $"'{written}' was written into it while it was being seeded; it is left as it is");
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
