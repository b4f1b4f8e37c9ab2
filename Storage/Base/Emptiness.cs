using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Distinguishes a directory that contains only kvol's mount points from one in use.</summary>
internal static class Emptiness
{
    private const int MostGlances = 64;

    /// <summary>The first entry of a directory that is not just a mount point of kvol's, or null. <paramref name="openRecords"/> opens the
    /// directory of the records, <see cref="Fd.None"/> where there is none; without it no mount point is known. <paramref name="known"/> is
    /// what <see cref="MountPointRegistry.AllObjects"/> returned, for callers that ask often; <paramref name="except"/> is
    /// skipped.</summary>
    public static ByteString? FirstForeign(Fd directory, Func<Fd>? openRecords, Lazy<HashSet<MadeObject>>? known = null,
        ByteString? except = null)
    {
        using var listing = Files.Reopen(directory);
        return FirstForeignIn(listing, openRecords, known, except);
    }

    /// <summary>The same for a directory that the caller opened only for this, because reading moves its position;
    /// <paramref name="reader"/> is for callers that ask often.</summary>
    public static ByteString? FirstForeignIn(
        Fd directory, Func<Fd>? openRecords, Lazy<HashSet<MadeObject>>? known = null, ByteString? except = null,
            DirectoryReader? reader = null)
    {
        reader ??= new DirectoryReader(DirectoryReader.Glance);
        reader.Start(directory);
        var objects = openRecords is null ? [] : known?.Value;
        var untouched = new List<ByteString>();
        while (reader.MoveNext())
        {
            if (reader.Name.Bytes.SequenceEqual(except is null ? [] : except.Bytes) || SnapshotDirectory.Is(directory, reader.Name))
            {
                continue;
            }

            // One look at an entry is cheaper than reading all records, so they are read only when nothing else tells.
            if (untouched.Count == MostGlances)
            {
                objects ??= AllObjects(openRecords!);
            }

            if (IsForeign(directory, reader.Name, objects))
            {
                return reader.Name.Keep();
            }

            if (objects is null)
            {
                untouched.Add(reader.Name.Keep());
            }
        }

        return untouched.Find(name => IsForeign(directory, name, objects ??= AllObjects(openRecords!)));
    }

    // Without the recorded objects: whether it cannot be one of them. What another process has just removed is not foreign.
    private static bool IsForeign(Fd directory, CName name, HashSet<MadeObject>? objects)
    {
        try
        {
            return objects is { Count: 0 } || (objects is not null && !objects.Contains(MadeObject.Of(Files.Status(directory, name))))
                || !IsUntouched(directory, name);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    /// <summary>Whether a directory is known to have no entry at all, so that nothing can be mounted in it.</summary>
    public static bool IsBare(Fd directory)
    {
        try
        {
            using var listing = Files.Reopen(directory);
            var reader = new DirectoryReader(DirectoryReader.Glance);
            reader.Start(listing);
            return !reader.MoveNext();
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return false; // it cannot be read, which does not keep it from being mounted
        }
    }

    /// <summary>Every recorded object, read from the directory of the records.</summary>
    public static HashSet<MadeObject> AllObjects(Func<Fd> openRecords)
    {
        using var records = openRecords();
        return MountPointRegistry.AllObjects(records);
    }

    /// <summary>Removes the mount points of kvol's that <see cref="FirstForeign"/> passes over, before the directory is filled.</summary>
    public static void RemoveUntouched(Fd directory, Func<Fd> openRecords)
    {
        HashSet<MadeObject>? objects = null;
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (IsUntouched(directory, reader.Name)
                && (objects ??= AllObjects(openRecords)).Contains(MadeObject.Of(Files.Status(directory, reader.Name))))
            {
                RemoveUntouched(directory, reader.Name);
            }
        }
    }

    /// <summary>Removes a directory by rmdir, or a file only while it is empty and has one name.</summary>
    public static void RemoveUntouched(Fd directory, CName name)
    {
        if (Files.Status(directory, name).IsDirectory)
        {
            Files.RemoveDirectory(directory, name);
        }
        else if (IsUntouched(directory, name))
        {
            Files.Remove(directory, name);
        }
    }

    /// <summary>Whether an entry is an empty directory, or an empty file with one name.</summary>
    public static bool IsUntouched(Fd directory, CName name)
    {
        var status = Files.Status(directory, name);
        if (!status.IsDirectory)
        {
            return status is { Kind: FileKind.Regular, Size: 0, Links: 1 };
        }

        using var child = Files.OpenDirectory(directory, name);
        var reader = new DirectoryReader(DirectoryReader.Glance);
        reader.Start(child);
        return !reader.MoveNext();
    }
}
