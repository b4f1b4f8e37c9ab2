using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Takes snapshots of several volumes, and rolls several back, in one transaction group each. A rollback is a channel program:
/// zfs-program(8). The kernel then rolls back only datasets that are mounted nowhere, so the volumes are unmounted for it; a kill leaves
/// them unmounted, and the next command that needs one mounts it.</summary>
internal sealed partial class ZfsStore
{
    // Returns "", or the errno and the name of the first dataset that fails. Nothing is changed before everything was checked; a rollback
    // can be checked completely only when the newer snapshots are gone.
    private const string RollbackProgram = """
        args = ...
        heads, newer = args["heads"], args["newer"]
        function fails(action, names)
            for i = 1, #names do
                errno = action(names[i])
                if errno ~= 0 then return tostring(errno) .. " " .. names[i] end
            end
            return nil
        end
        return fails(zfs.check.destroy, newer) or fails(zfs.check.rollback, heads) or fails(zfs.sync.destroy, newer)
            or fails(zfs.check.rollback, heads) or fails(zfs.sync.rollback, heads) or ""
        """;

    /// <summary>Takes all snapshots in one transaction group, or none.</summary>
    private void Take(IReadOnlyList<SnapshotName> snapshots, SnapshotGroup? group, SnapshotPeriod? policy = null)
    {
        try
        {
            zfs.Core.Snapshot(snapshots.Select(DatasetOf), PropertiesOf(group, policy), DatasetOf(snapshots[0]));
        }
        catch (NativeException e)
        {
            var snapshot = snapshots.FirstOrDefault(s => DatasetOf(s) == e.Subject) ?? snapshots[0];
            throw e.Failure switch
            {
                Failure.Exists => Refusals.Taken(snapshot.ToString()),
                Failure.Busy when zfs.Find(volumes.Child(snapshot.Volume.Text)) is { IsPartial: true } =>
                    new KvolException(
                        ExitStatus.Busy, snapshot.Volume.Text, "is not complete: a stream is being received, or was interrupted"),
                Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, snapshot.ToString(),
                    "the pool or a quota has no room for it, or a refreservation must stay free beside it"),
                Failure.NotFound => Refusals.NoSuchVolume(snapshot.Volume),
                _ => ZfsErrors.Other(e.Subject, e),
            };
        }
    }

    private static IEnumerable<(string Property, string Value)> PropertiesOf(SnapshotGroup? group, SnapshotPeriod? policy)
    {
        IEnumerable<(string Property, string Value)> properties = group is null ? [] : GroupProperties.Of(group);
        return policy is null ? properties : properties.Append((ZfsVolume.TakenProperty, policy.Word));
    }

    private void RollbackTogether(IReadOnlyList<RollbackStep> steps, IReadOnlyList<string> bookmarks)
    {
        _ = zfs.Core; // before anything is unmounted for it
        var datasets = steps.Select(s => Stats(s.To.Volume) ?? throw Refusals.NoSuchVolume(s.To.Volume)).ToArray();
        _ = OtherTables(steps[0].To.Volume.Text);
        var unmounted = new List<DatasetStats>();
        try
        {
            foreach (var dataset in datasets.Where(d => mounts.HomeOf(d) is not null))
            {
                unmounted.Add(dataset);
                mounts.Unmount(dataset);
            }

            RefuseMounted(datasets);
            DestroyBookmarks(bookmarks); // a channel program cannot
            RunRollback([.. datasets.Select(d => d.Name)], [.. steps.SelectMany(s => s.Newer).Select(DatasetOf)]);
        }
        finally
        {
            unmounted.ForEach(mounts.MountIfMeant);
        }
    }

    private void RunRollback(IReadOnlyList<string> heads, IReadOnlyList<string> newer)
    {
        const int Attempts = 50;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                zfs.Core.Run(root.Pool, RollbackProgram, ("heads", heads), ("newer", newer));
                return;
            }
            catch (NativeException e) when (e.Failure == Failure.Busy && attempt < Attempts)
            {
                Thread.Sleep(20); // the kernel releases a mount shortly after the last descriptor
            }
            catch (NativeException e)
            {
                throw e.Failure switch
                {
                    Failure.Exists => NewerExists(e.Subject, e.Subject),
                    Failure.Busy => new KvolException(ExitStatus.Busy, e.Subject, "is mounted where kvol cannot see it, or held"),
                    _ => ZfsErrors.Other(e.Subject, e),
                };
            }
        }
    }

    private static KvolException NewerExists(string subject, string dataset) => new(ExitStatus.Busy, subject,
        $"something newer exists: a bookmark ('zfs list -t bookmark {dataset}'), or a snapshot that another program made or "
        + "that is being exported");
}
