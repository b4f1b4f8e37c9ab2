using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Fills an empty dataset, all or nothing and durably.
/// <list type="number">
/// <item>A directory whose name has the dataset's guid in it is made inside; the tree is copied below it.</item>
/// <item>The record of the seeding goes into <c>kvol:seeding</c>: with that transaction all that was copied is on disk.</item>
/// <item>The directory is renamed: this is the commit. What it holds is moved up, and it goes.</item>
/// <item>In one transaction the record becomes <c>kvol:seed</c>, and <c>kvol:seeding</c> is emptied.</item>
/// </list>
/// Cut off before the commit, the directory is deleted; after it, the moves are completed. Neither needs a snapshot to roll back to, so
/// no snapshot that others take meanwhile can be in the way, and nothing is ever touched that somebody else wrote into the dataset. A snapshot taken
/// meanwhile has the directory in it: a dataset that was rolled back to it, or cloned from it, is known by the name, and heals in the same way.</summary>
internal static class ZfsSeeding
{
    /// <summary>The property that is not empty from before the commit until all is in its place: the record of the seeding.</summary>
    public const string Property = "kvol:seeding";

    /// <summary>The bytes that a property takes.</summary>
    public const int LongestValue = 8000; // ZAP_MAXVALUELEN is 8192 with its terminator

    /// <summary>The property of a volume that is made to have content or not to be; its seed says that the content came.</summary>
    public const string NewProperty = "kvol:new";

    private static readonly ByteString Tree = new("tree"), Top = new("top");

    /// <summary>Whether the volume was made for content that has not come.</summary>
    public static bool IsNew(DatasetStats dataset) => dataset.Own(NewProperty) is { Length: > 0 } && dataset.Own(ZfsVolume.SeedProperty) is null;

    /// <summary>Whether a seeding was begun and is not complete, as far as the properties tell; <see cref="Shows"/> tells the rest.</summary>
    public static bool IsUnfinished(DatasetStats dataset) => dataset.Own(Property) is { Length: > 0 } || IsNew(dataset);

    /// <summary>The guids that the directory of a seeding may be named by: that of the dataset, and of those that it was cloned from.</summary>
    public static IReadOnlyList<ulong> Guids(ZfsSystem zfs, DatasetStats dataset)
    {
        var guids = new List<ulong> { dataset.Guid };
        for (var origin = dataset.Text("origin"); origin is { Length: > 0 } && zfs.Find(origin[..origin.IndexOf('@', StringComparison.Ordinal)]) is { } source; origin = source.Text("origin"))
        {
            guids.Add(source.Guid);
        }

        return guids;
    }

    /// <summary>Whether a top directory has that of a seeding in it: neither what was nor what is to be.</summary>
    public static bool Shows(Fd data, IReadOnlyList<ulong> guids)
    {
        foreach (var guid in guids)
        {
            if (Files.Exists(data, Staging(guid)) || Files.Exists(data, Committed(guid)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fills the dataset that is mounted at <paramref name="data"/>, and is empty.</summary>
    public static SeedRecord Run(ZfsSystem zfs, DatasetStats dataset, Fd data, FillDirectory fill, Context context, IVolumeStore store)
    {
        var staged = Staging(dataset.Guid);
        var recorded = false;
        SeedRecord seed;
        int flags;
        Dictionary<ByteString, int> loosened;
        try
        {
            using (var staging = StagingDirectory.Make(data, staged))
            {
                using var tree = StagingDirectory.Make(staging, Tree);
                using var top = StagingDirectory.Make(staging, Top);
                (seed, flags) = fill(tree, VolumeTop.ChosenIn(Files.Status(data)));
                new FileMetadata(new CopyReport()).Copy(tree, top);
                loosened = Loosen(tree);
                recorded = true;
                zfs.Set(dataset.Name, (Property, SeedJson.Text(seed, flags, LongestValue)));
            }

            context.Interrupt.ThrowIfCancellationRequested();
            RefuseWritten(dataset.Name, data, staged, store);
            Emptiness.RemoveUntouched(data, () => store.OpenRecords(create: false));
            RefuseWritten(dataset.Name, data, staged, store);
            Files.Rename(data, staged, data, Committed(dataset.Guid));
        }
        catch
        {
            Discard(data, staged);
            if (recorded)
            {
                zfs.Set(dataset.Name, (Property, ""));
            }

            throw;
        }

        MoveUp(dataset, dataset.Guid, flags, loosened, data);
        End(zfs, dataset, seed, flags);
        return seed;
    }

    /// <summary>Ends a seeding that was cut off, or that a snapshot brought back: completed when it had come to its commit, undone otherwise. What others
    /// wrote stays.</summary>
    public static void Finish(ZfsSystem zfs, DatasetStats dataset, Fd data, IVolumeStore store, Action<string> warn)
    {
        var value = dataset.Own(Property) is { Length: > 0 } text ? text : null;
        var (seed, flags) = SeedJson.ParseWithFlags(value ?? dataset.Own(ZfsVolume.SeedProperty) ?? "");
        var (committed, discarded) = (false, false);
        foreach (var guid in Guids(zfs, dataset))
        {
            if (Files.Exists(data, Committed(guid)))
            {
                MoveUp(dataset, guid, flags, [], data);
                committed = true;
            }
            else if (Files.Exists(data, Staging(guid)))
            {
                Discard(data, Staging(guid));
                discarded = true;
            }
        }

        if (value is not null && !discarded && (committed || Emptiness.FirstForeign(data, () => store.OpenRecords(create: false)) is not null))
        {
            End(zfs, dataset, seed, flags); // everything is in its place
            return;
        }

        if (value is not null)
        {
            zfs.Set(dataset.Name, (Property, ""));
        }

        if (discarded && Emptiness.FirstForeign(data, () => store.OpenRecords(create: false)) is { } written)
        {
            warn($"{dataset.Name}: a seeding was cut off and undone; '{written}' was put there by somebody else, so it stays and the volume is not seeded again");
        }
    }

    private static void End(ZfsSystem zfs, DatasetStats dataset, SeedRecord seed, int flags) =>
        zfs.Set(dataset.Name, (ZfsVolume.SeedProperty, SeedJson.Text(seed, flags == 0 ? null : flags, LongestValue)), (Property, ""));

    private static void RefuseWritten(string dataset, Fd data, ByteString staged, IVolumeStore store)
    {
        if (Emptiness.FirstForeign(data, () => store.OpenRecords(create: false), except: staged) is { } written)
        {
            throw new KvolException(ExitStatus.Busy, dataset, $"'{written}' was written into it while it was being seeded; it is left as it is");
        }
    }

    private static void MoveUp(DatasetStats dataset, ulong guid, int flags, Dictionary<ByteString, int> loosened, Fd data)
    {
        var status = default(FileStatus?);
        using (var committed = Files.OpenDirectory(data, Committed(guid)))
        {
            if (Files.Exists(committed, Tree))
            {
                using (var tree = Files.OpenDirectory(committed, Tree))
                {
                    foreach (var name in Names(tree))
                    {
                        Move(tree, data, name, loosened.GetValueOrDefault(name), dataset.Name);
                    }
                }

                Files.RemoveDirectory(committed, Tree);
            }

            if (Files.Exists(committed, Top))
            {
                using var top = Files.OpenDirectory(committed, Top);
                status = Files.Status(top);
                new FileMetadata(new CopyReport()).Copy(top, data);
                Files.RemoveDirectory(committed, Top);
            }
        }

        Files.RemoveDirectory(data, Committed(guid));
        if (status is { } times)
        {
            Files.SetTimes(data, ""u8.ToName(), times);
        }

        if (flags != 0)
        {
            Attributes.AddFlags(data, flags);
        }
    }

    private static void Move(Fd tree, Fd data, ByteString name, int flags, string dataset)
    {
        if (Files.Exists(data, name))
        {
            throw new KvolException(ExitStatus.Busy, dataset, $"'{name}' was written into it while it was being seeded; move that one away and try again");
        }

        Files.Rename(tree, name, data, name);
        if (flags != 0)
        {
            using var entry = Files.Status(data, name).IsDirectory ? Files.OpenDirectory(data, name) : Files.OpenRead(data, name);
            Attributes.AddFlags(entry, flags);
        }
    }

    /// <summary>Lifts the flags that would keep an entry from being moved up, before the commit, when it can still be undone; they are set again after.</summary>
    private static Dictionary<ByteString, int> Loosen(Fd tree)
    {
        var loosened = new Dictionary<ByteString, int>();
        foreach (var name in Names(tree))
        {
            var kind = Files.Status(tree, name).Kind;
            if (kind is not (FileKind.Directory or FileKind.Regular))
            {
                continue;
            }

            using var entry = kind == FileKind.Directory ? Files.OpenDirectory(tree, name) : Files.OpenRead(tree, name);
            if (Attributes.Flags(entry) is var flags && Attributes.Protects(flags))
            {
                Attributes.ClearProtection(entry);
                loosened[name] = flags;
            }
        }

        return loosened;
    }

    private static void Discard(Fd data, ByteString staged)
    {
        if (Files.Exists(data, staged))
        {
            TreeRemover.Remove(data, staged, Files.PathOf(data).ToString());
        }
    }

    private static ByteString Staging(ulong guid) => new($".kvol-seeding-{guid:x16}");

    private static ByteString Committed(ulong guid) => new($".kvol-seeded-{guid:x16}");

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
