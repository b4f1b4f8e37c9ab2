using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>Snapshots that something depends on.</content>
internal sealed partial class ZfsStore
{
    /// <summary>The snapshots, each of which exists and can be destroyed.</summary>
    private DatasetStats[] RequireFree(IReadOnlyList<SnapshotName> snapshots)
    {
        var all = snapshots.Select(Require).ToArray();
        foreach (var (snapshot, name) in all.Zip(snapshots))
        {
            RefuseOrigin(name.ToString(), snapshot);
            RefuseHeld(name.ToString(), [snapshot]);
        }

        return all;
    }

    private void RefuseOrigin(string subject, DatasetStats snapshot)
    {
        if (snapshot.Clones > 0 && snapshot.CloneNames.Where(c => !IsDestroyed(c)).Order(StringComparer.Ordinal).ToArray() is
            { Length: > 0 } clones)
        {
            throw new KvolException(ExitStatus.Busy, subject, $"{snapshot.Name} is the origin of {string.Join(", ", clones)}; "
                + (Array.Find(clones, IsDeleted) is { } kept
                    ? $"that is a deleted volume, which 'kvol rm --deleted {DatasetName.Last(kept)}' removes for good"
                    : "remove that first, or 'zfs promote' it"));
        }
    }

    /// <summary>Whether an earlier step of a dry run destroys a dataset.</summary>
    private bool IsDestroyed(string dataset) => upkeep.Plan?.Volumes.Destroyed.Any(v => volumes.Child(v.Text).Text == dataset) == true;

    private void RefuseHeld(string subject, IReadOnlyList<DatasetStats> snapshots)
    {
        if (snapshots.FirstOrDefault(s => s.Number("userrefs") > 0) is { } held)
        {
            var tags = ZfsErrors.Reading(held.Name, () => zfs.Core.Holds(held.Name).Order(StringComparer.Ordinal).ToArray());
            throw new KvolException(ExitStatus.Busy, subject,
                $"its snapshot {held.Name} is held by {string.Join(", ", tags)}; release it first: zfs release TAG {held.Name}; an export "
                + "releases it when it ends");
        }
    }

    private void DestroyTemporary(string snapshot)
    {
        const int Attempts = 50;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Destroy([snapshot], snapshot);
                return;
            }
            catch (KvolException e) when (e.Status == ExitStatus.Busy && attempt < Attempts)
            {
                Thread.Sleep(20); // the kernel releases its mount shortly after the last descriptor
            }
            catch (KvolException e)
            {
                warn($"{e.Message}; 'kvol gc' destroys it later");
                return;
            }
        }
    }
}
