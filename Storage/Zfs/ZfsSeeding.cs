using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Mounting;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Zfs;

/// <summary>Fills an empty dataset, all or nothing and durably.
/// <list type="number">
/// <item><c>kvol:seeding</c> names a directory of a name that is nowhere else, which is made inside; the tree is copied below it.</item>
/// <item>The record of the seeding goes into <c>kvol:seeding</c>: with that transaction all that was copied is on disk.</item>
/// <item>The directory is renamed: this is the commit. What it holds is moved up.</item>
/// <item>The record becomes <c>kvol:seed</c>, the directory goes, and last of all <c>kvol:seeding</c> is emptied.</item>
/// </list>
/// Cut off before the commit, the directory is deleted; after it, the moves are completed. Neither needs a snapshot to roll back to, so
/// no snapshot that others take meanwhile can be in the way, and nothing is ever touched that somebody else wrote into the dataset.</summary>
internal static class ZfsSeeding
{
    /// <summary>The property that is not empty while a seeding is under way: the token in the directory's name, a space, and what is coming.</summary>
    public const string Property = "kvol:seeding";

    /// <summary>The bytes that a property takes.</summary>
    public const int LongestValue = 8000; // ZAP_MAXVALUELEN is 8192 with its terminator

    /// <summary>The property of a volume that is made to have content or not to be; its seed says that the content came.</summary>
    public const string NewProperty = "kvol:new";

    private const int TokenLength = 16;

    private static readonly ByteString Tree = new("tree"), Top = new("top");

    /// <summary>Whether the volume was made for content that has not come.</summary>
    public static bool IsNew(DatasetStats dataset) => dataset.Own(NewProperty) is { Length: > 0 } && dataset.Own(ZfsVolume.SeedProperty) is null;

    /// <summary>Whether a seeding was begun and is not complete.</summary>
    public static bool IsUnfinished(DatasetStats dataset) => dataset.Own(Property) is { Length: > 0 } || IsNew(dataset);

    /// <summary>Fills the dataset that is mounted at <paramref name="data"/> and is empty; <paramref name="what"/> is coming, for people.</summary>
    public static SeedRecord Run(ZfsSystem zfs, string dataset, Fd data, string what, FillDirectory fill, Context context, IVolumeStore store)
    {
        var token = RandomNumberGenerator.GetHexString(TokenLength, lowercase: true);
        zfs.Set(dataset, (Property, $"{token} {(what.Length < LongestValue / 4 ? what : "a directory")}"));
        SeedRecord seed;
        int flags;
        Dictionary<ByteString, int> loosened;
        try
        {
            using (var staging = StagingDirectory.Make(data, Staging(token)))
            {
                using var tree = StagingDirectory.Make(staging, Tree);
                using var top = StagingDirectory.Make(staging, Top);
                (seed, flags) = fill(tree, VolumeTop.ChosenIn(Files.Status(data)));
                new FileMetadata(new CopyReport()).Copy(tree, top);
                loosened = Loosen(tree);
                zfs.Set(dataset, (Property, $"{token} {SeedJson.Text(seed, flags, LongestValue)}"));
            }

            context.Interrupt.ThrowIfCancellationRequested();
            RefuseWritten(dataset, data, token, store);
            MountPointRecords.RemoveUntouched(data, store);
            RefuseWritten(dataset, data, token, store);
            Files.Rename(data, Staging(token), data, Committed(token));
        }
        catch
        {
            Discard(data, token);
            zfs.Set(dataset, (Property, ""));
            throw;
        }

        Complete(zfs, dataset, token, seed, flags, loosened, data);
        return seed;
    }

    /// <summary>Ends a seeding that was cut off: completed when it had come to its commit, undone otherwise. What others wrote stays.</summary>
    public static void Finish(ZfsSystem zfs, DatasetStats dataset, Fd data, IVolumeStore store, Action<string> warn)
    {
        var value = dataset.Own(Property) ?? "";
        var token = value.Length > TokenLength && value[TokenLength] == ' ' ? value[..TokenLength] : "";
        if (token.Length > 0 && Files.Exists(data, Committed(token)))
        {
            var (seed, flags) = SeedJson.ParseWithFlags(value[(TokenLength + 1)..]);
            Complete(zfs, dataset.Name, token, seed, flags, [], data);
            return;
        }

        if (value.Length > 0)
        {
            Discard(data, token);
            zfs.Set(dataset.Name, (Property, ""));
        }

        if (dataset.Own(ZfsVolume.SeedProperty) is null && MountPointRecords.FirstForeign(data, store) is { } written)
        {
            warn($"{dataset.Name}: a seeding was cut off and undone; '{written}' was put there by somebody else, so it stays and the volume is not seeded again");
        }
    }

    private static void RefuseWritten(string dataset, Fd data, string token, IVolumeStore store)
    {
        if (MountPointRecords.FirstForeign(data, store, except: Staging(token)) is { } written)
        {
            throw new KvolException(ExitStatus.Busy, dataset, $"'{written}' was written into it while it was being seeded; it is left as it is");
        }
    }

    private static void Complete(ZfsSystem zfs, string dataset, string token, SeedRecord seed, int flags, Dictionary<ByteString, int> loosened, Fd data)
    {
        var status = default(FileStatus?);
        using (var committed = Files.OpenDirectory(data, Committed(token)))
        {
            if (Files.Exists(committed, Tree))
            {
                using (var tree = Files.OpenDirectory(committed, Tree))
                {
                    foreach (var name in Names(tree))
                    {
                        Move(tree, data, name, loosened.GetValueOrDefault(name), dataset);
                    }
                }

                Files.RemoveDirectory(committed, Tree);
            }

            zfs.Set(dataset, (ZfsVolume.SeedProperty, SeedJson.Text(seed, null, LongestValue)));
            if (Files.Exists(committed, Top))
            {
                using var top = Files.OpenDirectory(committed, Top);
                status = Files.Status(top);
                new FileMetadata(new CopyReport()).Copy(top, data);
                Files.RemoveDirectory(committed, Top);
            }
        }

        Files.RemoveDirectory(data, Committed(token));
        if (status is { } times)
        {
            Files.SetTimes(data, ""u8.ToName(), times);
        }

        if (flags != 0)
        {
            Attributes.AddFlags(data, flags);
        }

        zfs.Set(dataset, (Property, ""));
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

    private static void Discard(Fd data, string token)
    {
        if (token.Length > 0 && Files.Exists(data, Staging(token)))
        {
            TreeRemover.Remove(data, Staging(token));
        }
    }

    private static ByteString Staging(string token) => new($".kvol-seeding-{token}");

    private static ByteString Committed(string token) => new($".kvol-seeded-{token}");

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
