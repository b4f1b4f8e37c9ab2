using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>One mount that kvol made in this boot; <paramref name="Inner"/> are the ids of what a recursive mount took along.</summary>
internal sealed record RunRecord(ulong Id, string Target, string Origin, string Type, string Source, string Destination, string? Jail, bool Recursive,
    IReadOnlyList<ulong> Inner);

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
        using var locks = OpenLocks(context.Configuration);
        return FileLock.Take(locks, $"root-{Name(root.Identity)}", root.Path.ToString(), context);
    }

    /// <summary>The directory with the locks that die with the boot.</summary>
    public static Fd OpenLocks(Configuration configuration)
    {
        using var run = StoreDirectory.Open(Files.Here, configuration.RunDirectory);
        return StoreDirectory.Open(run, "locks");
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
            json.WriteBoolean("recursive", record.Recursive);
            json.WriteStartArray("inner");
            foreach (var id in record.Inner)
            {
                json.WriteNumberValue(id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public void Dispose() => directory.Dispose();

    private static string Name(FileIdentity identity) => $"{identity.Device:x}-{identity.Inode:x}";

    // A record that cannot be read counts as lost: kvol touches less.
    private IReadOnlyList<RunRecord> Read(string file) => StateFile.TryRead(directory, file, root => root.GetProperty("boot").GetString() != boot ? null
        : root.GetProperty("mounts").EnumerateArray().Select(e => new RunRecord(
            e.GetProperty("id").GetUInt64(), Text(e, "target")!, Text(e, "origin")!, Text(e, "type")!, Text(e, "source")!, Text(e, "destination")!, Text(e, "jail"),
            e.GetProperty("recursive").GetBoolean(), e.GetProperty("inner").EnumerateArray().Select(i => i.GetUInt64()).ToArray())).ToArray()) ?? [];

    private static string? Text(JsonElement element, string key) => element.GetProperty(key).GetString();
}
