using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Mounting;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Zfs;

/// <summary>Fills an empty dataset, all or nothing and durably.
/// <list type="number">
/// <item><c>kvol:seeding</c> is set, and a directory <see cref="Staging"/> made inside; the tree is copied below it.</item>
/// <item>The record of the seeding goes into <c>kvol:seeding</c>: with that transaction all that was copied is on disk.</item>
/// <item><see cref="Staging"/> is renamed <see cref="Committed"/>: this is the commit. What it holds is moved up.</item>
/// <item>One change makes the record <c>kvol:seed</c> and <c>kvol:seeding</c> empty.</item>
/// </list>
/// Cut off before the commit, the staging directory is deleted; after it, the moves are completed. Neither needs a snapshot to roll back to, so
/// no snapshot that others take meanwhile can be in the way, and nothing is ever touched that somebody else wrote into the dataset.</summary>
internal static class ZfsSeeding
{
    /// <summary>The property that is not empty while a seeding is under way.</summary>
    public const string Property = "kvol:seeding";

    /// <summary>The bytes that a property takes.</summary>
    public const int LongestValue = 8000; // ZAP_MAXVALUELEN is 8192 with its terminator

    private static readonly ByteString Staging = new(".kvol-seeding"), Committed = new(".kvol-seeded"), Tree = new("tree"), Top = new("top");

    /// <summary>The property of a volume that is made to have content or not to be; its seed says that the content came.</summary>
    public const string NewProperty = "kvol:new";

    /// <summary>Whether the volume was made for content that has not come.</summary>
    public static bool IsNew(DatasetStats dataset) => dataset.Own(NewProperty) is { Length: > 0 } && dataset.Own(ZfsVolume.SeedProperty) is null;

    /// <summary>Whether a seeding was begun and is not complete.</summary>
    public static bool IsUnfinished(DatasetStats dataset) => dataset.Own(Property) is { Length: > 0 } || IsNew(dataset);

    /// <summary>Whether an entry of a dataset's top directory is a seeding's own.</summary>
    public static bool IsInternal(CName entry) => entry.Bytes.SequenceEqual(Staging.Bytes) || entry.Bytes.SequenceEqual(Committed.Bytes);

    /// <summary>Fills the dataset that is mounted at <paramref name="data"/> and is empty; <paramref name="what"/> is coming, for people.</summary>
    public static SeedRecord Run(ZfsSystem zfs, DatasetStats dataset, Fd data, string what, FillDirectory fill, Context context, IVolumeStore store)
    {
        zfs.Set(dataset.Name, (Property, what.Length < LongestValue ? what : "a directory"));
        try
        {
            Discard(data);
            using var staging = StagingDirectory.Make(data, Staging);
            using var tree = StagingDirectory.Make(staging, Tree);
            using var top = StagingDirectory.Make(staging, Top);
            var (seed, flags) = fill(tree, VolumeTop.ChosenIn(Files.Status(data)));
            new FileMetadata(new CopyReport()).Copy(tree, top);
            zfs.Set(dataset.Name, (Property, SeedJson.Text(seed, flags, LongestValue)));
            context.Interrupt.ThrowIfCancellationRequested();
            MountPointRecords.RemoveUntouched(data, store);
            if (MountPointRecords.FirstForeign(data, store) is { } written)
            {
                throw new KvolException(ExitStatus.Busy, dataset.Name, $"'{written}' was written into it while it was being seeded; it is left as it is");
            }

            Files.Rename(data, Staging, data, Committed);
        }
        catch
        {
            Discard(data);
            zfs.Set(dataset.Name, (Property, ""));
            throw;
        }

        return Complete(zfs, dataset.Name, zfs.Find(dataset.Name)!.Own(Property)!, data);
    }

    /// <summary>Ends a seeding that was cut off: completed when it had come to its commit, undone otherwise. What others wrote stays.</summary>
    public static void Finish(ZfsSystem zfs, DatasetStats dataset, Fd data, Action<string> warn)
    {
        if (Files.Exists(data, Committed))
        {
            Complete(zfs, dataset.Name, dataset.Own(Property)!, data);
            return;
        }

        Discard(data);
        zfs.Set(dataset.Name, (Property, ""));
        if (MountPointRecords.FirstForeign(data, null) is { } written)
        {
            warn($"{dataset.Name}: a seeding was cut off and undone; '{written}' was put there by somebody else, so it stays and the volume is not seeded again");
        }
    }

    private static SeedRecord Complete(ZfsSystem zfs, string dataset, string record, Fd data)
    {
        var (seed, flags) = SeedJson.ParseWithFlags(record);
        using (var committed = Files.OpenDirectory(data, Committed))
        {
            if (Files.Exists(committed, Tree))
            {
                using (var tree = Files.OpenDirectory(committed, Tree))
                {
                    foreach (var name in Names(tree))
                    {
                        Move(tree, data, name, dataset);
                    }
                }

                Files.RemoveDirectory(committed, Tree);
            }

            using var top = Files.OpenDirectory(committed, Top);
            var status = Files.Status(top);
            new FileMetadata(new CopyReport()).Copy(top, data);
            Files.RemoveDirectory(committed, Top);
            Files.RemoveDirectory(data, Committed);
            Files.SetTimes(data, ""u8.ToName(), status);
        }

        zfs.Set(dataset, (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, LongestValue)), (Property, ""));
        if (flags != 0)
        {
            Attributes.AddFlags(data, flags);
        }

        return seed;
    }

    private static void Move(Fd tree, Fd data, ByteString name, string dataset)
    {
        if (Files.Exists(data, name))
        {
            throw new KvolException(ExitStatus.Busy, dataset, $"'{name}' was written into it while it was being seeded; move it away and try again");
        }

        try
        {
            Files.Rename(tree, name, data, name);
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted)
        {
            // An immutable or append-only entry keeps its name as well.
            using var entry = Files.Status(tree, name).IsDirectory ? Files.OpenDirectory(tree, name) : Files.OpenRead(tree, name);
            var flags = Attributes.Flags(entry);
            Attributes.ClearProtection(entry);
            Files.Rename(tree, name, data, name);
            Attributes.AddFlags(entry, flags);
        }
    }

    private static void Discard(Fd data)
    {
        if (Files.Exists(data, Staging))
        {
            TreeRemover.Remove(data, Staging);
        }
    }

    private static List<ByteString> Names(Fd directory)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        var names = new List<ByteString>();
        for (reader.Start(listing); reader.MoveNext();)
        {
            names.Add(reader.Name.Keep());
        }

        return names;
    }
}
