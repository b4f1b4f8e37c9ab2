using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Finds the directory of a seeding in a dataset. It is not part of the volume's content. A process in a jail can make a directory
/// of the same name, so the name alone proves nothing. The directory counts if root owns it, its mode is 0700, and
/// <list type="bullet">
/// <item>the property of the dataset says that a seeding is unfinished: then no jail sees the volume;</item>
/// <item>or it was last changed before a seeding of this dataset ended, or before the dataset was cloned from one that was being seeded:
/// then a snapshot brought it back. No process can set the change time of a file, and no jail can write to the volume before a seeding
/// ends.</item>
/// </list></summary>
internal sealed class SeedingTraces
{
    // The guids that may be in the name. If there is a time, the directory is kvol's only if it was last changed before then.
    private readonly List<(ulong Guid, DateTimeOffset? Until)> known = [];

    /// <summary>Queries the dataset, and those that it was cloned from.</summary>
    public SeedingTraces(ZfsSystem zfs, DatasetStats dataset)
    {
        Add(dataset, null);
        var last = dataset;
        for (var origin = dataset.Text("origin"); origin is { Length: > 0 }
            && zfs.Find(origin[..origin.IndexOf('@', StringComparison.Ordinal)]) is { } source; origin = source.Text("origin"))
        {
            // A creation time has no fraction: it is the second in which the clone was made.
            Add(source, DateTimeOffset.FromUnixTimeSeconds((long)(last.Number("creation") ?? 0)).AddSeconds(1));
            last = source;
        }
    }

    /// <summary>The directory's name while it is being filled.</summary>
    public static ByteString Staging(ulong guid) => new($".kvol-seeding-{guid:x16}");

    /// <summary>The name after the commit.</summary>
    public static ByteString Committed(ulong guid) => new($".kvol-seeded-{guid:x16}");

    /// <summary>The one that exists in a top directory; null if none does.</summary>
    public (ulong Guid, bool IsCommitted)? Find(Fd data)
    {
        foreach (var (guid, until) in known)
        {
            if (IsOurs(data, Committed(guid), until))
            {
                return (guid, true);
            }

            if (IsOurs(data, Staging(guid), until))
            {
                return (guid, false);
            }
        }

        return null;
    }

    private static bool IsOurs(Fd data, ByteString name, DateTimeOffset? until) =>
        Files.Exists(data, name) && Files.Status(data, name) is { IsDirectory: true, Uid: 0, Gid: 0, Mode: Permissions.OwnerOnly } status
        && (until is null || DateTimeOffset.FromUnixTimeSeconds(status.ChangeTime.Seconds)
            .AddTicks(status.ChangeTime.Nanoseconds / TimeSpan.NanosecondsPerTick) <= until);

    private void Add(DatasetStats dataset, DateTimeOffset? clonedAt)
    {
        if (dataset.Own(ZfsSeeding.Property) is { Length: > 0 })
        {
            known.Add((dataset.Guid, clonedAt));
        }
        else if (Timestamp.TryRead(dataset.Own(ZfsSeeding.EndedProperty)) is { } ended)
        {
            known.Add((dataset.Guid, clonedAt < ended ? clonedAt : ended));
        }
    }
}
