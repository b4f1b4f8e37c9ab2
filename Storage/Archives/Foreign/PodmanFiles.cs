using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads the directory in which podman keeps its state, /var/lib/containers/storage: volumes/NAME/_data, and what it knows of
/// volumes and containers in db.sql (a <see cref="SqliteFile"/>, from podman 4.8 on; libpod/sqlite_state.go) or in libpod/bolt_state.db
/// (a <see cref="BoltFile"/>; libpod/boltdb_state.go).</summary>
internal static class PodmanFiles
{
    /// <summary>Where the older form is. Podman holds a lock on it while it works.</summary>
    public static string Database(string directory) => directory + "/libpod/bolt_state.db";

    /// <summary>Reads it whole; an error (65, 66) if it is damaged or not there, (75) while podman changes it.</summary>
    public static ForeignHost Read(string directory)
    {
        var found = new ForeignVolumes(directory + "/volumes");
        var (volumes, containers) = Sqlite(directory + "/db.sql") ?? Bolt(Database(directory))
            ?? throw new KvolException(ExitStatus.NoInput, directory,
                "has neither db.sql nor libpod/bolt_state.db; name the directory in which podman keeps its state");
        foreach (var volume in volumes.OrderBy(v => v.TextOf("name"), StringComparer.Ordinal))
        {
            var options = volume.TextsOf("volumeOptions");
            found.Add(volume.TextOf("name"), volume.TextOf("volumeDriver"), options.GetValueOrDefault("device", ""),
                volume.TextsOf("labels"), volume.Says("isAnon"));
        }

        foreach (var container in containers.OrderBy(c => c.TextOf("name"), StringComparer.Ordinal))
        {
            found.Add(container.TextOf("name"), Volumes(container).Concat(Others(container)));
        }

        return found.Host;
    }

    private static (List<JsonElement> Volumes, List<JsonElement> Containers)? Sqlite(string path)
    {
        if (ForeignFiles.Find(path) is not { } file)
        {
            return null;
        }

        if (ForeignFiles.Find(path + "-wal") is { Length: > 0 })
        {
            throw new KvolException(ExitStatus.Busy, path, "podman is changing it; try again when no podman command runs");
        }

        var database = SqliteFile.Open(file);
        return (Column("VolumeConfig"), Column("ContainerConfig"));

        List<JsonElement> Column(string table) => [.. (database.Rows(table) ?? throw file.Damaged())
            .Select(r => ForeignFiles.Json(Bytes(r is [.., { } text] ? text : throw file.Damaged()), file))];
    }

    private static (List<JsonElement> Volumes, List<JsonElement> Containers)? Bolt(string path)
    {
        if (ForeignFiles.Find(path) is not { } file)
        {
            return null;
        }

        var database = BoltFile.Open(file);
        return (Values("vol", "config"), Values("ctr", "config"));

        List<JsonElement> Values(string bucket, string key) => [.. database.Entries(bucket).Where(e => e.IsBucket)
            .SelectMany(e => database.Entries(bucket, e.Key)).Where(e => !e.IsBucket && e.Key == key)
            .Select(e => ForeignFiles.Json(e.Value, file))];
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static IEnumerable<ForeignMount> Volumes(JsonElement container) =>
        container.Member("namedVolumes").Elements().Select(v => new ForeignMount(null, v.TextOf("volumeName"), v.TextOf("dest"),
            Options(v, v.TextOf("SubPath") is { Length: > 0 } subpath ? [$"subpath={subpath}"] : [])));

    // Podman's own files and the file systems of every container are among the mounts too.
    private static IEnumerable<ForeignMount> Others(JsonElement container)
    {
        var asked = container.Member("userVolumes").Texts().ToHashSet();
        foreach (var mount in (container.Member("spec")?.Member("mounts")).Elements())
        {
            var (type, destination) = (mount.TextOf("type"), mount.TextOf("destination"));
            if (type is "bind" or "nullfs")
            {
                yield return new ForeignMount(null, mount.TextOf("source"), destination, Options(mount, []));
            }
            else if (asked.Contains(destination))
            {
                yield return new ForeignMount(type, "", destination, Options(mount, []));
            }
        }
    }

    // The rest only says how mounts spread between namespaces, or what podman does before it mounts.
    private static string[] Options(JsonElement mount, string[] more) =>
    [
        .. mount.Member("options").Texts()
            .Where(o => KeyValue.Split(o).Key is "ro" or "nosuid" or "noexec" or "noatime" or "nodev" or "size" or "mode" or "uid" or "gid")
            .Distinct(),
        .. more,
    ];
}
