using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Identifies an object; inode numbers are reused, so the time of birth counts too.</summary>
internal readonly record struct MadeObject(FileIdentity Identity, FileTime Birth)
{
    public static MadeObject Of(in FileStatus status) => new(status.Identity, status.BirthTime);
}

/// <summary>A directory or placeholder file that kvol made to mount on. <paramref name="Parent"/> is the directory that it was made in, and
/// <paramref name="IsInRoot"/> says that this one was seen through the root directory's own mount, not through one inside.</summary>
internal sealed record MadeMountPoint(string Path, MadeObject Object, FileIdentity Parent, bool IsInRoot);

/// <summary>A mount point that kvol is about to make, and since when: an object at this path that was born later may be kvol's.</summary>
internal sealed record PlannedMountPoint(string Path, FileTime Since);

/// <summary>The mount points of one root directory, as they are on disk. <paramref name="Root"/> is where it was.</summary>
internal sealed record MountPointList(string Root, IReadOnlyList<MadeMountPoint> Made, IReadOnlyList<PlannedMountPoint> Planned);

/// <summary>The files that say which mount points kvol made: one for each root directory.</summary>
internal static class MountPointRegistry
{
    private static MountPointList None { get; } = new("", [], []);

    /// <summary>The name of a root directory's files.</summary>
    public static string NameOf(FileIdentity identity) => $"{identity.Device:x}-{identity.Inode:x}";

    /// <summary>The root directory whose files have a name; null when it is not one of kvol's names.</summary>
    public static FileIdentity? IdentityOf(string name) =>
        name.Split('-') is [var device, var inode]
        && ulong.TryParse(device, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var d)
        && ulong.TryParse(inode, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var i) ? new FileIdentity(d, i) : null;

    /// <summary>The root directories that have mount points, without <paramref name="except"/>: their identities and paths.</summary>
    public static IReadOnlyList<(FileIdentity Identity, string Path)> Roots(Fd records, IReadOnlySet<FileIdentity> except)
    {
        var roots = new List<(FileIdentity, string)>();
        foreach (var name in Names(records))
        {
            if (IdentityOf(name[..^5]) is { } identity && !except.Contains(identity)
                && StateFile.TryRead(records, name, json => json.GetProperty("root").Text()) is { } path)
            {
                roots.Add((identity, path));
            }
        }

        return roots;
    }

    /// <summary>Every recorded object in a records' directory, to tell a volume that holds only mount points from one in use.</summary>
    public static HashSet<MadeObject> AllObjects(Fd records) =>
        records.IsOpen ? [.. Names(records).SelectMany(name => Read(records, name).Made.Select(m => m.Object))] : [];

    /// <summary>The list of one root directory. A file that cannot be read counts as empty, so kvol removes less.</summary>
    public static MountPointList Read(Fd records, FileIdentity root) => records.IsOpen ? Read(records, NameOf(root) + ".json") : None;

    /// <summary>Replaces the list of one root directory; an empty one is removed.</summary>
    public static void Write(Fd records, FileIdentity root, MountPointList list, bool durable)
    {
        if (!records.IsOpen)
        {
            throw new KvolException(
                ExitStatus.CannotCreate, list.Root,
                    "the store is read-only or full, so no mount point can be made and recorded; make the directory yourself, or mount "
                    + "on one that is there");
        }

        var file = NameOf(root) + ".json";
        if (list.Made.Count == 0 && list.Planned.Count == 0)
        {
            StateFile.Remove(records, file);
            return;
        }

        StateFile.Write(records, file, durable: durable, content: json =>
        {
            json.WriteStartObject();
            json.WriteString("root", list.Root);
            json.WriteStartArray("made");
            foreach (var mountPoint in list.Made)
            {
                json.WriteStartObject();
                json.WriteString("path", mountPoint.Path);
                json.WriteNumber("device", mountPoint.Object.Identity.Device);
                json.WriteNumber("inode", mountPoint.Object.Identity.Inode);
                Time(json, mountPoint.Object.Birth);
                json.WriteNumber("parent_device", mountPoint.Parent.Device);
                json.WriteNumber("parent_inode", mountPoint.Parent.Inode);
                json.WriteBoolean("in_root", mountPoint.IsInRoot);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("planned");
            foreach (var planned in list.Planned)
            {
                json.WriteStartObject();
                json.WriteString("path", planned.Path);
                Time(json, planned.Since);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static IEnumerable<string> Names(Fd records)
    {
        using var listing = Files.Reopen(records);
        var reader = new DirectoryReader();
        var names = new List<string>();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.Bytes.EndsWith(".json"u8))
            {
                names.Add(reader.Name.ToString());
            }
        }

        return names;
    }

    private static MountPointList Read(Fd records, string file) => StateFile.TryRead(records, file, root => new MountPointList(
        Path(root, "root"),
        [.. root.GetProperty("made").EnumerateArray().Select(e => new MadeMountPoint(
            Path(e, "path"), new MadeObject(Identity(e, "device", "inode"), Time(e)),
            e.TryGetProperty("parent_device", out _) ? Identity(e, "parent_device", "parent_inode") : default,
            !e.TryGetProperty("in_root", out var inRoot) || inRoot.GetBoolean()))],
        root.TryGetProperty("planned", out var planned)
            ? [.. planned.EnumerateArray().Select(e => new PlannedMountPoint(Path(e, "path"), Time(e)))] : []))
        ?? None;

    private static string Path(JsonElement e, string key) =>
        e.GetProperty(key).Text();

    private static FileIdentity Identity(JsonElement e, string device, string inode) =>
        new(e.GetProperty(device).GetUInt64(), e.GetProperty(inode).GetUInt64());

    private static FileTime Time(JsonElement e) => new(e.GetProperty("birth").GetInt64(), e.GetProperty("birth_nanoseconds").GetInt64());

    private static void Time(Utf8JsonWriter json, FileTime time)
    {
        json.WriteNumber("birth", time.Seconds);
        json.WriteNumber("birth_nanoseconds", time.Nanoseconds);
    }
}
