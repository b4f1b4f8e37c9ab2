using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A directory or placeholder file that kvol made to mount on.</summary>
internal sealed record MadeMountPoint(string Path, MadeObject Object)
{
    public static MadeMountPoint Of(string path, in FileStatus status) => new(path, MadeObject.Of(status));
}

/// <summary>Which object it is; inode numbers are used again, so the time of birth counts too.</summary>
internal readonly record struct MadeObject(FileIdentity Identity, FileTime Birth)
{
    public static MadeObject Of(in FileStatus status) => new(status.Identity, status.BirthTime);
}

/// <summary>The mount points that kvol made in one root directory, kept where they outlive the boot, so that unmounting can remove them:
/// a directory by rmdir(2), a file only while it is empty and has one name, and both only while they are the very objects that were made.</summary>
internal sealed class MountPointRecords
{
    private readonly Fd records;
    private readonly string file;
    private readonly string path;
    private readonly List<MadeMountPoint> made;

    /// <summary>Reads those of a root directory, which is at <paramref name="path"/> now.</summary>
    public MountPointRecords(Fd records, FileIdentity root, string path)
    {
        this.records = records;
        this.path = path;
        file = RunRecords.Name(root) + ".json";
        made = Read(records, file);
    }

    /// <summary>How many are there.</summary>
    public int Count => made.Count;

    /// <summary>Remembers one, at once.</summary>
    public void Add(MadeMountPoint mountPoint)
    {
        made.Add(mountPoint);
        Write();
    }

    /// <summary>Removes those that are no longer needed, children first; what is busy or holds something stays and is remembered.</summary>
    public void RemoveUnused(RootDirectory root)
    {
        if (made.Count == 0)
        {
            return;
        }

        var before = made.Count;
        foreach (var mountPoint in made.OrderByDescending(m => m.Path.AsSpan().Count('/')).ToArray())
        {
            if (IsUnused(root, mountPoint, remove: true))
            {
                made.Remove(mountPoint);
            }
        }

        if (made.Count == before)
        {
            return;
        }

        try
        {
            Write();
        }
        catch (NativeException)
        {
            // A full disk: the record of what is gone harms nothing, and must neither keep a jail from stopping nor hide an error being undone.
        }
    }

    /// <summary>The root directories that have some: which they are, and where they were.</summary>
    public static IReadOnlyList<(FileIdentity Identity, string Path)> Roots(Fd records)
    {
        var roots = new List<(FileIdentity, string)>();
        using var listing = Files.Reopen(records);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            var name = reader.Name.ToString();
            if (name.EndsWith(".json", StringComparison.Ordinal) && RunRecords.IdentityOf(name[..^5]) is { } identity
                && StateFile.TryRead(records, name, json => json.GetProperty("root").Text()) is { } path)
            {
                roots.Add((identity, path));
            }
        }

        return roots;
    }

    /// <summary>Every recorded object of a store, to tell a volume that holds only mount points from one in use.</summary>
    public static HashSet<MadeObject> AllObjects(IVolumeStore store)
    {
        using var records = store.OpenRecords(create: false);
        if (!records.IsOpen)
        {
            return [];
        }

        using var listing = Files.Reopen(records);
        var reader = new DirectoryReader();
        reader.Start(listing);
        var objects = new HashSet<MadeObject>();
        while (reader.MoveNext())
        {
            if (reader.Name.Bytes.EndsWith(".json"u8))
            {
                objects.UnionWith(Read(records, reader.Name.ToString()).Select(m => m.Object));
            }
        }

        return objects;
    }

    /// <summary>The first entry of a directory that is more than a mount point of kvol's, or null. <paramref name="known"/> is what
    /// <see cref="AllObjects"/> returned, for who asks often; <paramref name="except"/> is passed over.</summary>
    public static ByteString? FirstForeign(Fd directory, IVolumeStore? store, Lazy<HashSet<MadeObject>>? known = null, ByteString? except = null)
    {
        using var listing = Files.Reopen(directory);
        return FirstForeignIn(listing, store, known, except);
    }

    /// <summary>The same of a directory that was opened for this alone, because it is read here; <paramref name="reader"/> is for who asks often.</summary>
    public static ByteString? FirstForeignIn(Fd directory, IVolumeStore? store, Lazy<HashSet<MadeObject>>? known = null, ByteString? except = null, DirectoryReader? reader = null)
    {
        reader ??= new DirectoryReader(DirectoryReader.Glance);
        reader.Start(directory);
        HashSet<MadeObject>? objects = null;
        while (reader.MoveNext())
        {
            if (reader.Name.Bytes.SequenceEqual(except is null ? [] : except.Bytes) || SnapshotDirectory.Is(directory, reader.Name))
            {
                continue;
            }

            objects ??= store is null ? [] : known?.Value ?? AllObjects(store);
            try
            {
                if (objects.Count == 0 || !objects.Contains(MadeObject.Of(Files.Status(directory, reader.Name))) || !IsUntouched(directory, reader.Name))
                {
                    return reader.Name.Keep();
                }
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                // someone is at work in the directory, and this entry is gone
            }
        }

        return null;
    }

    /// <summary>Removes the mount points of kvol's that <see cref="FirstForeign"/> passes over, before the directory is filled.</summary>
    public static void RemoveUntouched(Fd directory, IVolumeStore store)
    {
        var objects = AllObjects(store);
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (objects.Count > 0 && objects.Contains(MadeObject.Of(Files.Status(directory, reader.Name))) && IsUntouched(directory, reader.Name))
            {
                RemoveUntouched(directory, reader.Name);
            }
        }
    }

    private static void RemoveUntouched(Fd directory, CName name)
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

    private static bool IsUntouched(Fd directory, CName name)
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

    /// <summary>How many are no longer needed.</summary>
    public int CountUnused(RootDirectory root) => made.Count(m => IsUnused(root, m, remove: false));

    /// <summary>Whether it is of no more use: free, and removed if that is asked, or not there any more as it was made.</summary>
    private static bool IsUnused(RootDirectory root, MadeMountPoint mountPoint, bool remove)
    {
        try
        {
            using var parent = root.OpenParent(mountPoint.Path, out var name);
            var status = Files.Status(parent, name);
            if (status.IsMountRoot)
            {
                return false; // something is mounted on it
            }

            if (MadeObject.Of(status) != mountPoint.Object)
            {
                return true;
            }

            if (!IsUntouched(parent, name))
            {
                return false;
            }

            if (remove)
            {
                RemoveUntouched(parent, name);
            }

            return true;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return true;
        }
        catch (NativeException)
        {
            return false;
        }
    }

    private static List<MadeMountPoint> Read(Fd records, string file)
    {
        // A record that cannot be read counts as lost: kvol touches less.
        return StateFile.TryRead(records, file, root => root.GetProperty("made").EnumerateArray().Select(e => new MadeMountPoint(
            e.GetProperty("path").Text(), new MadeObject(
                new FileIdentity(e.GetProperty("device").GetUInt64(), e.GetProperty("inode").GetUInt64()),
                new FileTime(e.GetProperty("birth").GetInt64(), e.GetProperty("birth_nanoseconds").GetInt64())))).ToList()) ?? [];
    }

    private void Write()
    {
        if (made.Count == 0)
        {
            StateFile.Remove(records, file);
            return;
        }

        StateFile.Write(records, file, json =>
        {
            json.WriteStartObject();
            json.WriteString("root", path);
            json.WriteStartArray("made");
            foreach (var mountPoint in made)
            {
                json.WriteStartObject();
                json.WriteString("path", mountPoint.Path);
                json.WriteNumber("device", mountPoint.Object.Identity.Device);
                json.WriteNumber("inode", mountPoint.Object.Identity.Inode);
                json.WriteNumber("birth", mountPoint.Object.Birth.Seconds);
                json.WriteNumber("birth_nanoseconds", mountPoint.Object.Birth.Nanoseconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
