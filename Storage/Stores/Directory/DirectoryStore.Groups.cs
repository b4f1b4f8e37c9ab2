using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Changes several volumes as one.
/// <list type="number">
/// <item>In the directory of each volume, everything is made that the change needs, and a <see cref="GroupStep"/> says how it ends.</item>
/// <item><c>groups/ID.json</c> names the volumes: this is the commit.</item>
/// <item>The step of each volume is done, and its file removed; then the record is.</item>
/// </list>
/// Without the record, what the volumes have of the change is deleted. With it, whoever takes a volume's lock completes that volume first,
/// so nothing is mounted or read as it was before. gc completes all of them.</summary>
internal sealed partial class DirectoryStore
{
    private const string GroupsName = "groups";

    private static readonly ByteString StepFile = new(GroupStep.FileName);

    /// <summary>Prepares each volume and then does all steps. One volume needs no record if one rename of its step is the
    /// commit.</summary>
    private void Apply<T>(IReadOnlyList<T> members, Func<T, VolumeName> nameOf, Func<Fd, T, GroupStep> prepare, Context? context,
        bool isRecorded = false)
    {
        var change = isRecorded || members.Count > 1 ? RandomHex.Of(12) : null;
        var steps = new List<(VolumeName Name, GroupStep Step)>();
        try
        {
            foreach (var member in members)
            {
                var name = nameOf(member);
                using var volume = Files.OpenDirectory(volumes, name.Bytes);
                steps.Add((name, new GroupStep()));
                var step = prepare(volume, member);
                if (change is not null)
                {
                    ProbeExchange(volume, step);
                    step = step with { Change = change };
                    step.Write(volume);
                }

                steps[^1] = (name, step);
                if (change is not null || step.Takes is not null || step.Top is not null)
                {
                    Files.SyncFileSystem(volume);
                }
            }

            context?.Interrupt.ThrowIfCancellationRequested();
            if (change is not null)
            {
                WriteRecord(change, steps.Select(s => s.Name)); // the commit
            }
            else
            {
                Finish(steps[0].Name, steps[0].Step, RemoveIfThere);
            }
        }
        catch
        {
            if (change is not null)
            {
                Forget(change); // first: with the record, the rest would count as committed
            }

            steps.ForEach(s => AbandonStep(s.Name));
            throw;
        }

        if (change is not null)
        {
            steps.ForEach(s => Finish(s.Name, s.Step, RemoveIfThere));
            Forget(change);
        }
    }

    /// <summary>Does the step of a volume, whatever a crash left of it to do. <paramref name="discard"/> deletes what is not needed any
    /// more.</summary>
    private void Finish(VolumeName name, GroupStep step, Action<Fd, ByteString, VolumeName> discard)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var returned = FindReturned(volume, step);
        if (step.Top is { } top && InodeOf(volume, Data) != top && InodeOf(volume, Staging) == top)
        {
            Exchange.Names(volume, Staging, Data);
            Files.Sync(volume);
        }

        if (step is { Top: not null, Flags: not 0 })
        {
            using var data = Files.OpenDirectory(volume, Data);
            _ = MoveUp.SetTop(data, step.Flags);
        }

        using (var snapshots = OwnDirectory.Open(volume, SnapshotsName, upkeep, create: true))
        {
            TakeSnapshots(returned, snapshots);
            KeepReplaced(volume, snapshots, step);
            if (step.Takes is { } taken && Files.Exists(volume, NewSnapshot))
            {
                Files.Rename(volume, NewSnapshot, snapshots, new ByteString(taken));
            }

            foreach (var removed in step.Removes.Select(r => new ByteString(r)).Where(r => Files.Exists(snapshots, r)))
            {
                discard(volume, GoneSnapshot, name);
                Files.Rename(snapshots, removed, volume, GoneSnapshot);
                Files.Sync(snapshots);
                discard(volume, GoneSnapshot, name);
            }

            Files.Sync(snapshots);
        }

        if (step.Returns is not null)
        {
            ForgetReturned(step.Returns, name);
        }

        RemoveStep(volume);
        discard(volume, Staging, name); // the old content
    }

    /// <summary>Completes a volume's part of a group that was committed, or forgets it; <see cref="Heal"/> deletes what it had
    /// made.</summary>
    private void HealGroup(VolumeName name, Fd volume)
    {
        var step = CommittedStep(volume);
        if (step is null)
        {
            try
            {
                RemoveStep(volume);
            }
            catch (NativeException e) when (e.Failure == Failure.ReadOnly)
            {
                // it counts for nothing
            }

            return;
        }

        Finish(name, step, (_, leftover, _) => ClearAway(name, new ByteString($"{name}/{leftover}")));
        if (!Pending(step.Change))
        {
            Forget(step.Change);
        }
    }

    /// <summary>The step of a volume in a group that was committed, or null.</summary>
    private GroupStep? CommittedStep(Fd volume)
    {
        if (!Files.Exists(volume, StepFile) || GroupStep.Read(volume) is not { } step)
        {
            return null;
        }

        using var groups = OwnDirectory.Open(directory, GroupsName, upkeep, create: false);
        return groups.IsOpen && Files.Exists(groups, Record(step.Change)) ? step : null;
    }

    private void WriteRecord(string change, IEnumerable<VolumeName> names)
    {
        using var groups = OwnDirectory.Open(directory, GroupsName, upkeep);
        StateFile.Write(groups, $"{change}.json", json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("volumes");
            foreach (var name in names)
            {
                json.WriteStringValue(name.Text);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private void Forget(string change)
    {
        using var groups = OwnDirectory.Open(directory, GroupsName, upkeep, create: false);
        if (groups.IsOpen)
        {
            StateFile.Remove(groups, $"{change}.json");
            Files.Sync(groups);
        }
    }

    /// <summary>Whether a volume still has a step of a change. A step is removed only when it is done, so that no lock is needed to see
    /// that none is left.</summary>
    private bool Pending(string change)
    {
        using var groups = OwnDirectory.Open(directory, GroupsName, upkeep, create: false);
        var names = StateFile.TryRead(groups, $"{change}.json", json =>
            json.GetProperty("volumes").EnumerateArray().Select(v => VolumeName.Parse(v.Text())).ToArray());
        return names is null ? Entries(volumes).Any(HasStep) : names.Any(n => HasStep(n.Bytes));

        bool HasStep(ByteString name)
        {
            using var volume = OpenVolume(name);
            return volume.IsOpen && Files.Exists(volume, StepFile) && GroupStep.Read(volume)?.Change == change;
        }
    }

    /// <summary>Removes the records of groups that are complete; their paths.</summary>
    private List<string> SweepGroups(bool dryRun)
    {
        var swept = new List<string>();
        using var groups = OwnDirectory.Open(directory, GroupsName, upkeep, create: false);
        foreach (var entry in groups.IsOpen ? Entries(groups).Select(e => e.ToString()) : [])
        {
            var change = entry.EndsWith(".json.new", StringComparison.Ordinal) ? entry[1..^".json.new".Length]
                : entry.EndsWith(".json", StringComparison.Ordinal) ? entry[..^".json".Length] : null;
            if (change is null || Pending(change))
            {
                continue;
            }

            if (!dryRun)
            {
                StateFile.Remove(groups, $"{change}.json");
            }

            swept.Add($"{Files.PathOf(groups)}/{entry}");
        }

        return swept;
    }

    /// <summary>Fails where the file system cannot exchange two names, before anything is committed.</summary>
    private static void ProbeExchange(Fd volume, GroupStep step)
    {
        if (step is { Top: not null, Returns: null })
        {
            Files.MakeDirectory(volume, NewSnapshot, Permissions.OwnerOnly);
            Exchange.Names(volume, Staging, NewSnapshot);
            Exchange.Names(volume, Staging, NewSnapshot);
            Files.RemoveDirectory(volume, NewSnapshot);
        }
    }

    private void AbandonStep(VolumeName name)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        RemoveStep(volume);
        RemoveIfThere(volume, NewSnapshot, name);
        RemoveIfThere(volume, Kept, name);
        ForgetLimit(volume, Staging);
        RemoveIfThere(volume, Staging, name);
    }

    private static void RemoveStep(Fd volume)
    {
        if (Files.Exists(volume, StepFile))
        {
            Files.Remove(volume, StepFile);
        }
    }

    private static ulong? InodeOf(Fd volume, ByteString name) =>
        Files.Exists(volume, name) ? Files.Status(volume, name).Identity.Inode : null;

    private static ByteString Record(string change) => new($"{change}.json");
}
