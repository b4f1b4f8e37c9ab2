using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;

namespace Kvol.Storage.Mounts;

/// <summary>What kvol mounted under each root directory: one file each in the run directory. The records say who made a mount; only the
/// mount table says whether it is still mounted.</summary>
internal sealed class RunRecords : IDisposable
{
    private readonly Fd directory;
    private readonly string boot = Host.BootId;

    private RunRecords(Fd directory) => this.directory = directory;

    /// <summary>Opens the run directory; makes at most the last component of its path, and only on request.</summary>
    public static RunRecords Open(Configuration configuration, Action<string> warn, bool create = true) =>
        new(RunDirectory.OpenRecords(configuration, warn, create));

    /// <summary>The records of all root directories, read without changing anything; empty if there is no run directory.</summary>
    public static IReadOnlyList<RootRecord> Peek(Configuration configuration)
    {
        using var records = new RunRecords(RunDirectory.PeekRecords(configuration));
        return records.directory.IsOpen ? records.All() : [];
    }

    /// <summary>Takes the lock of a root directory, which protects its attachments too.</summary>
    public static IDisposable Lock(FileIdentity root, string path, Context context)
    {
        using var locks = RunDirectory.OpenLocks(context.Configuration, context.Warn);
        return FileLock.Take(locks, $"root-{MountPointRegistry.NameOf(root)}", path, context);
    }

    /// <summary>The records of all root directories.</summary>
    public IReadOnlyList<RootRecord> All() => [.. Identities().Select(Read).OfType<RootRecord>()];

    /// <summary>The mounts in the records of all root directories.</summary>
    public IEnumerable<RunRecord> AllMounts() => All().SelectMany(r => r.Mounts);

    /// <summary>The record of one root directory; an empty one if there is none.</summary>
    public RootRecord Of(FileIdentity root, string path) => (Read(root) ?? new RootRecord(root, path, [], [])).At(path);

    /// <summary>Replaces the record of one root directory; removes it if it is empty. The caller holds the lock. The record need not
    /// survive a power failure, because the mounts do not.</summary>
    public void Write(RootRecord record)
    {
        var file = MountPointRegistry.NameOf(record.Identity) + ".json";
        if (record.Attachments.Count == 0 && record.Mounts.Count == 0)
        {
            StateFile.Remove(directory, file);
            return;
        }

        StateFile.Write(directory, file, durable: false, content: json =>
        {
            json.WriteStartObject();
            json.WriteString("boot", boot);
            json.WriteString("root", record.Path);
            json.WriteStartArray("attachments");
            foreach (var attachment in record.Attachments)
            {
                AttachmentJson.Write(json, attachment);
            }

            json.WriteEndArray();
            json.WriteStartArray("mounts");
            foreach (var mount in record.Mounts)
            {
                mount.Write(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>The root directories that have a record of an earlier boot. Its mounts are gone, so it is stale.</summary>
    public IReadOnlyList<FileIdentity> OfOtherBoots() => [.. Identities().Where(IsOfOtherBoot)];

    /// <summary>Removes such a record, under its lock.</summary>
    public void RemoveOfOtherBoot(FileIdentity root, Context context)
    {
        using var held = Lock(root, MountPointRegistry.NameOf(root), context);
        if (IsOfOtherBoot(root))
        {
            StateFile.Remove(directory, MountPointRegistry.NameOf(root) + ".json");
        }
    }

    public void Dispose() => directory.Dispose();

    private bool IsOfOtherBoot(FileIdentity root) => StateFile.TryRead(directory, MountPointRegistry.NameOf(root) + ".json", json =>
        json.GetProperty("boot").GetString()) is { } other && other != boot;

    private List<FileIdentity> Identities()
    {
        var all = new List<FileIdentity>();
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            var name = reader.Name.ToString();
            if (name.EndsWith(".json", StringComparison.Ordinal) && MountPointRegistry.IdentityOf(name[..^5]) is { } identity)
            {
                all.Add(identity);
            }
        }

        return all;
    }

    // A record that cannot be read counts as lost, so kvol touches less.
    private RootRecord? Read(FileIdentity root) =>
        StateFile.TryRead(directory, MountPointRegistry.NameOf(root) + ".json", json => json.GetProperty("boot").GetString() != boot ? null
        : new RootRecord(
            root, json.GetProperty("root").Text(), [.. json.GetProperty("attachments").EnumerateArray().Select(AttachmentJson.Read)],
            [.. json.GetProperty("mounts").EnumerateArray().Select(RunRecord.Read)]));
}
