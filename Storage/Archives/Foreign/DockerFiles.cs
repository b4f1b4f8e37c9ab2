using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads the directory in which Docker keeps its state, /var/lib/docker: volumes/metadata.db (a <see cref="BoltFile"/>; moby,
/// volume/service/db.go), volumes/NAME/_data and opts.json (volume/local), containers/ID/config.v2.json (container and
/// volume/mounts).</summary>
internal static class DockerFiles
{
    /// <summary>Where it keeps what it knows of volumes. Docker holds a lock on it while it runs.</summary>
    public static string Database(string directory) => directory + "/volumes/metadata.db";

    /// <summary>Reads it whole; an error (65, 66) if it is damaged or not there.</summary>
    public static ForeignHost Read(string directory)
    {
        var found = new ForeignVolumes(directory + "/volumes");
        var names = ForeignFiles.Directories(directory + "/volumes");
        var database = ForeignFiles.Find(Database(directory)) ?? throw new KvolException(ExitStatus.NoInput, Database(directory),
            "does not exist; name the directory in which Docker keeps its state");
        var known = BoltFile.Open(database).Entries("volumes").Where(e => !e.IsBucket).DistinctBy(e => e.Key)
            .ToDictionary(e => e.Key, e => ForeignFiles.Json(e.Value, database));
        foreach (var name in names.Union(known.Keys).Order(StringComparer.Ordinal))
        {
            var record = known.GetValueOrDefault(name);
            var labels = record.TextsOf("Labels");
            var isAnonymous = labels.Remove("com.docker.volume.anonymous");
            found.Add(name, record.TextOf("Driver"), Device(directory, name, record), labels, isAnonymous);
        }

        var containers = directory + "/containers";
        foreach (var id in ForeignFiles.IsDirectory(containers) ? ForeignFiles.Directories(containers) : [])
        {
            if (ForeignFiles.Find($"{containers}/{id}/config.v2.json") is { } file)
            {
                var container = ForeignFiles.Json(file.All, file);
                var memory = ForeignFiles.Find($"{containers}/{id}/hostconfig.json") is { } more
                    ? InMemory(ForeignFiles.Json(more.All, more)) : [];
                found.Add(container.TextOf("Name") is ['/', .. var name] ? name : id, Mounts(container).Concat(memory));
            }
        }

        return found.Host;
    }

    // What was asked for is in the database, and in a file beside the data, which is all that old versions have.
    private static string Device(string directory, string name, JsonElement record)
    {
        var asked = record.TextsOf("Options").GetValueOrDefault("device", "");
        return asked.Length > 0 || ForeignFiles.Find($"{directory}/volumes/{name}/opts.json") is not { } file ? asked
            : ForeignFiles.Json(file.All, file).TextOf("MountDevice");
    }

    private static IEnumerable<ForeignMount> Mounts(JsonElement container)
    {
        if (container.Member("MountPoints") is not { ValueKind: JsonValueKind.Object } mounts)
        {
            yield break;
        }

        foreach (var mount in mounts.EnumerateObject().Select(m => m.Value))
        {
            var (type, name, asked) = (mount.TextOf("Type"), mount.TextOf("Name"), mount.Member("Spec"));
            List<string> options = mount.Says("RW") ? [] : ["ro"];
            if (asked?.Member("VolumeOptions")?.TextOf("Subpath") is { Length: > 0 } subpath)
            {
                options.Add("subpath=" + subpath);
            }

            if (asked?.Member("TmpfsOptions") is { } memory)
            {
                options.AddRange(Number(memory, "SizeBytes") is { } size ? [$"size={size}"] : []);
                options.AddRange(Number(memory, "Mode") is { } mode ? [$"mode={Convert.ToString(mode, 8)}"] : []);
            }

            yield return new ForeignMount(type is "volume" or "bind" or "" ? null : type,
                type == NewFileSystem.Memory ? "" : name.Length > 0 ? name : mount.TextOf("Source"), mount.TextOf("Destination"), options);
        }
    }

    // What 'docker run --tmpfs' asks for.
    private static IEnumerable<ForeignMount> InMemory(JsonElement configuration) => configuration.TextsOf("Tmpfs")
        .Select(t => new ForeignMount(NewFileSystem.Memory, "", t.Key,
            t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)));

    private static long? Number(JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out var number) && number > 0 ? number
            : null;
}
