using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What kvol mounted under each root directory: one file each in the run directory. The records say who made a mount; only the
/// mount table says whether it is still mounted.</summary>
internal sealed class RunRecords : IDisposable
{
    private readonly Fd run, directory;
    private readonly Upkeep upkeep;
    private readonly string boot = Host.BootId;

    private readonly string configured;

    private RunRecords(Fd run, Fd directory, string configured, Upkeep upkeep) =>
        (this.run, this.directory, this.configured, this.upkeep) = (run, directory, configured, upkeep);

    /// <summary>The path of the run directory, links resolved if it exists.</summary>
    public ByteString Path => run.IsOpen ? Files.PathOf(run) : new ByteString(configured);

    /// <summary>Opens the run directory; makes at most the last component of its path, and only on request.</summary>
    public static RunRecords Open(Configuration configuration, Upkeep upkeep, bool create = true)
    {
        var run = RunDirectory.Open(configuration, upkeep, create);
        try
        {
            return new RunRecords(run, RunDirectory.OpenRecords(run, configuration, upkeep, create), configuration.RunDirectory, upkeep);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>The records of all root directories, read without changing anything; empty if there is no run directory.</summary>
    public static IReadOnlyList<RootRecord> Peek(Configuration configuration)
    {
        using var records = new RunRecords(Fd.None, RunDirectory.PeekRecords(configuration), configuration.RunDirectory, Upkeep.Quiet);
        return records.directory.IsOpen ? records.All() : [];
    }

    /// <summary>The records that count as lost because they are damaged or not root's own, one line each that says what to do.</summary>
    public static IReadOnlyList<string> Damaged(Configuration configuration)
    {
        using var records = new RunRecords(Fd.None, RunDirectory.PeekRecords(configuration), configuration.RunDirectory, Upkeep.Quiet);
        return records.directory.IsOpen ? [.. records.Identities().Select(records.Damage).OfType<string>()] : [];
    }

    /// <summary>Takes the lock of a root directory, which protects its attachments too.</summary>
    public IDisposable LockRoot(FileIdentity root, string path, Context context)
    {
        using var locks = context.Plan is null ? RunDirectory.OpenLocks(run, context.Upkeep) : Fd.None;
        return FileLock.Take(locks, $"root-{MountPointRegistry.NameOf(root)}", path, context);
    }

    /// <summary>The records of all root directories.</summary>
    public IReadOnlyList<RootRecord> All() => [.. Identities().Select(Read).OfType<RootRecord>()];

    /// <summary>The record of one root directory, or null.</summary>
    public RootRecord? Find(FileIdentity root) => Read(root);

    /// <summary>The record of one root directory; an empty one if there is none.</summary>
    public RootRecord Of(FileIdentity root, string path) => (Read(root) ?? new RootRecord(root, path, [], [])).At(path);

    /// <summary>The records that concern a jail, found by the index. Where that has none, all records are read: an earlier version of kvol
    /// writes records without the index.</summary>
    public IReadOnlyList<RootRecord> OfJail(string jail)
    {
        using var index = JailIndex.Find(run, upkeep);
        RootRecord[] found = index is { IsComplete: true }
            ? [.. index.RootsOf(jail).Select(Read).OfType<RootRecord>().Where(r => r.Jails.Contains(jail))] : [];
        return found.Length > 0 ? found : [.. All().Where(r => r.Jails.Contains(jail))];
    }

    /// <summary>Replaces the record of one root directory, which was <paramref name="before"/>; removes it if it is empty. The caller holds
    /// the lock. The record need not survive a power failure, because the mounts do not.</summary>
    public void Write(RootRecord record, RootRecord before)
    {
        if (upkeep.Plan is { } plan)
        {
            plan.Note($"record in {Path}/roots/{MountPointRegistry.NameOf(record.Identity)}.json which mounts of {record.Path} are kvol's");
            return;
        }

        string[] added = [.. record.Jails.Except(before.Jails)], removed = [.. before.Jails.Except(record.Jails)];
        using var index = added.Length > 0 ? JailIndex.OpenOrMake(run, upkeep, All)
            : removed.Length > 0 ? JailIndex.Find(run, upkeep) : null;
        Array.ForEach(added, jail => index!.Add(jail, record.Identity));
        Write(record);
        Array.ForEach(removed, jail => index?.Remove(jail, record.Identity));
    }

    private void Write(RootRecord record)
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

    /// <summary>The root directories that have a record of an earlier boot. Its mounts are gone, so it is stale.
    /// <paramref name="current"/> are known to have one of this boot.</summary>
    public IReadOnlyList<FileIdentity> OfOtherBoots(IReadOnlySet<FileIdentity> current) =>
        [.. Identities().Where(i => !current.Contains(i) && IsOfOtherBoot(i))];

    /// <summary>Removes such a record, under its lock.</summary>
    public void RemoveOfOtherBoot(FileIdentity root, Context context)
    {
        using var held = LockRoot(root, MountPointRegistry.NameOf(root), context);
        if (upkeep.Plan is null && IsOfOtherBoot(root))
        {
            StateFile.Remove(directory, MountPointRegistry.NameOf(root) + ".json");
        }
    }

    /// <summary>Removes what the index of jails has without a record; <paramref name="current"/> as above.</summary>
    public void SweepJails(IReadOnlySet<FileIdentity> current, Context context)
    {
        using var index = JailIndex.Find(run, upkeep);
        index?.Sweep(current, root => LockRoot(root, MountPointRegistry.NameOf(root), context), root =>
            Files.Exists(directory, new ByteString(MountPointRegistry.NameOf(root) + ".json")));
    }

    public void Dispose()
    {
        directory.Dispose();
        run.Dispose();
    }

    private string? Damage(FileIdentity root)
    {
        var name = MountPointRegistry.NameOf(root) + ".json";
        var path = $"{Files.PathOf(directory)}/{name}";
        try
        {
            var status = Files.Status(directory, new ByteString(name));
            if (status.Kind != FileKind.Regular)
            {
                return $"{path}: is not a regular file; look at what it is and move it away: mv {Shown.Quoted(path)} "
                    + Shown.Quoted(path + ".old");
            }

            if (status.Uid != 0 || (status.Mode & Permissions.GroupOrOthersWrite) != 0)
            {
                return $"{path}: users other than root can change it; look at what is in it, then: "
                    + $"chown 0:0 {Shown.Quoted(path)}; chmod 600 {Shown.Quoted(path)}";
            }

            _ = StateFile.ReadChecked(directory, name, json => Parse(json, root));
            return null;
        }
        catch (KvolException)
        {
            return $"{path}: is damaged, so kvol no longer knows which host mounts there are its own, or which jails are attached; "
                + $"remove it: rm {Shown.Quoted(path)}";
        }
        catch (NativeException e)
        {
            return e.Failure == Failure.NotFound ? null : e.Message; // another command removed it, or it cannot be read
        }
    }

    private bool IsOfOtherBoot(FileIdentity root) => StateFile.TryRead(directory, MountPointRegistry.NameOf(root) + ".json", json =>
        json.GetProperty("boot").GetString()) is { } other && other != boot;

    private List<FileIdentity> Identities()
    {
        var all = new List<FileIdentity>();
        if (!directory.IsOpen)
        {
            return all; // a dry run makes no run directory
        }

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
        !directory.IsOpen ? null : StateFile.TryRead(directory, MountPointRegistry.NameOf(root) + ".json", json => Parse(json, root));

    private RootRecord? Parse(JsonElement json, FileIdentity root) => json.GetProperty("boot").GetString() != boot ? null
        : new RootRecord(
            root, json.GetProperty("root").Text(), [.. json.GetProperty("attachments").EnumerateArray().Select(AttachmentJson.Read)],
            [.. json.GetProperty("mounts").EnumerateArray().Select(RunRecord.Read)]);
}
