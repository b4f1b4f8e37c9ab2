using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>One mount that kvol made in this boot.</summary>
internal sealed record RunRecord(ulong Id, string Target, string Origin, string Type, string Source, string Destination, string? Jail);

/// <summary>What kvol mounted under each root directory: one file each in the run directory. They say who made a mount; whether it is mounted
/// only the mount table says.</summary>
internal sealed class RunRecords : IDisposable
{
    private readonly Fd directory;
    private readonly string boot = Host.BootId;

    private RunRecords(Fd directory) => this.directory = directory;

    /// <summary>Opens the run directory; only its last components are made.</summary>
    public static RunRecords Open(Configuration configuration)
    {
        try
        {
            using var run = StoreDirectory.Open(Files.Here, configuration.RunDirectory);
            return new RunRecords(StoreDirectory.Open(run, "roots"));
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, configuration.RunDirectory, $"the run directory cannot be used: {e.Reason}");
        }
    }

    /// <summary>Takes the lock of a root directory.</summary>
    public static IDisposable Lock(RootDirectory root, Context context)
    {
        using var run = StoreDirectory.Open(Files.Here, context.Configuration.RunDirectory);
        using var locks = StoreDirectory.Open(run, "locks");
        return FileLock.Take(locks, $"root-{Name(root.Identity)}", root.Path.ToString(), context);
    }

    /// <summary>The directory for mount points where there is no store.</summary>
    public static Fd OpenMountPoints(Configuration configuration)
    {
        using var run = StoreDirectory.Open(Files.Here, configuration.RunDirectory);
        return StoreDirectory.Open(run, "mountpoints");
    }

    /// <summary>The records of all root directories.</summary>
    public IReadOnlyList<RunRecord> All()
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        var all = new List<RunRecord>();
        while (reader.MoveNext())
        {
            var name = reader.Name.ToString();
            if (!name.StartsWith('.'))
            {
                all.AddRange(Read(name));
            }
        }

        return all;
    }

    /// <summary>The records of one root directory.</summary>
    public IReadOnlyList<RunRecord> Of(RootDirectory root) => Read(Name(root.Identity) + ".json");

    /// <summary>Replaces the records of one root directory.</summary>
    public void Write(RootDirectory root, IEnumerable<RunRecord> records) => StateFile.Write(directory, Name(root.Identity) + ".json", json =>
    {
        json.WriteStartObject();
        json.WriteString("boot", boot);
        json.WriteString("root", root.Path.ToString());
        json.WriteStartArray("mounts");
        foreach (var record in records)
        {
            json.WriteStartObject();
            json.WriteNumber("id", record.Id);
            json.WriteString("target", record.Target);
            json.WriteString("origin", record.Origin);
            json.WriteString("type", record.Type);
            json.WriteString("source", record.Source);
            json.WriteString("destination", record.Destination);
            json.WriteString("jail", record.Jail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public void Dispose() => directory.Dispose();

    private static string Name(FileIdentity identity) => $"{identity.Device:x}-{identity.Inode:x}";

    private IReadOnlyList<RunRecord> Read(string file)
    {
        using var json = StateFile.Read(directory, file);
        if (json is null || Get(json.RootElement, "boot").GetString() != boot)
        {
            return [];
        }

        return [.. Get(json.RootElement, "mounts").EnumerateArray().Select(e => new RunRecord(
            Get(e, "id").GetUInt64(), Text(e, "target")!, Text(e, "origin")!, Text(e, "type")!, Text(e, "source")!, Text(e, "destination")!, Text(e, "jail")))];

        string? Text(JsonElement element, string key) => Get(element, key).GetString();
        JsonElement Get(JsonElement element, string key) => StateFile.Get(element, key, v => v, directory, file);
    }
}
