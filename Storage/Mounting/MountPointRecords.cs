using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>A directory or placeholder file that kvol made to mount on.</summary>
internal sealed record MadeMountPoint(string Path, FileIdentity Identity);

/// <summary>The mount points that kvol made in one root directory, kept where they outlive the boot, so that unmounting can remove them:
/// a directory by rmdir(2), a file only while it is empty and has one name, and both only while they are the very objects that were made.</summary>
internal sealed class MountPointRecords
{
    private readonly Fd records;
    private readonly string file;
    private readonly List<MadeMountPoint> made;

    public MountPointRecords(Fd records, FileIdentity root)
    {
        this.records = records;
        file = $"{root.Device:x}-{root.Inode:x}.json";
        made = Read(records, file);
    }

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

        foreach (var mountPoint in made.OrderByDescending(m => m.Path.AsSpan().Count('/')).ToArray())
        {
            if (TryRemove(root, mountPoint))
            {
                made.Remove(mountPoint);
            }
        }

        Write();
    }

    /// <summary>Every recorded object of a store, to tell a volume that holds only mount points from one in use.</summary>
    public static HashSet<FileIdentity> AllIdentities(IVolumeStore store)
    {
        using var records = store.OpenRecords();
        using var listing = Files.Reopen(records);
        var reader = new DirectoryReader();
        reader.Start(listing);
        var identities = new HashSet<FileIdentity>();
        while (reader.MoveNext())
        {
            if (reader.Name.Bytes.EndsWith(".json"u8))
            {
                identities.UnionWith(Read(records, reader.Name.ToString()).Select(m => m.Identity));
            }
        }

        return identities;
    }

    /// <summary>The first entry of a directory that is more than a mount point of kvol's, or null.</summary>
    public static ByteString? FirstForeign(Fd directory, IVolumeStore? store)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        HashSet<FileIdentity>? identities = null;
        while (reader.MoveNext())
        {
            identities ??= store is null ? [] : AllIdentities(store);
            if (identities.Count == 0 || !identities.Contains(Files.Status(directory, reader.Name).Identity) || !IsUntouched(directory, reader.Name))
            {
                return reader.Name.Keep();
            }
        }

        return null;
    }

    /// <summary>Removes an entry that <see cref="FirstForeign"/> passed over.</summary>
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

    private static bool IsUntouched(Fd directory, CName name)
    {
        var status = Files.Status(directory, name);
        if (!status.IsDirectory)
        {
            return status is { Kind: FileKind.Regular, Size: 0, Links: 1 };
        }

        using var child = Files.OpenDirectory(directory, name);
        var reader = new DirectoryReader();
        reader.Start(child);
        return !reader.MoveNext();
    }

    /// <summary>Whether it is gone: removed now, or not there any more as it was made.</summary>
    private static bool TryRemove(RootDirectory root, MadeMountPoint mountPoint)
    {
        try
        {
            using var parent = root.OpenParent(mountPoint.Path, out var name);
            var status = Files.Status(parent, name);
            if (status.IsMountRoot)
            {
                return false; // something is mounted on it
            }

            if (status.Identity != mountPoint.Identity)
            {
                return true;
            }

            if (!IsUntouched(parent, name))
            {
                return false;
            }

            RemoveUntouched(parent, name);
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
        using var json = StateFile.Read(records, file);
        return json is null ? [] : [.. json.RootElement.EnumerateArray().Select(e => new MadeMountPoint(
            Get(e, "path").GetString()!, new FileIdentity(Get(e, "device").GetUInt64(), Get(e, "inode").GetUInt64())))];

        System.Text.Json.JsonElement Get(System.Text.Json.JsonElement element, string key) => StateFile.Get(element, key, v => v, records, file);
    }

    private void Write() => StateFile.Write(records, file, json =>
    {
        json.WriteStartArray();
        foreach (var mountPoint in made)
        {
            json.WriteStartObject();
            json.WriteString("path", mountPoint.Path);
            json.WriteNumber("device", mountPoint.Identity.Device);
            json.WriteNumber("inode", mountPoint.Identity.Inode);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
