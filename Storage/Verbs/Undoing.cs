using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Unmounts mounts of one root directory, children first; skips what is busy.</summary>
/// <param name="Force">Unmounts by force, at the end, what stays busy.</param>
/// <param name="Patience">How long it retries: the processes of a stopped jail may still be dying.</param>
internal sealed record Undoing(RootSession Session, bool Force, TimeSpan Patience)
{
    private const int FirstPause = 20, LongestPause = 500; // milliseconds

    // If the root directory is gone, its mounts can be anywhere.
    private readonly ByteString within = Session.Root?.Path ?? Unmounting.Anywhere;
    private readonly List<string> done = [];
    private IReadOnlyList<KvolException> mountPointErrors = [];
    private readonly Dictionary<ulong, KvolException> errors = [];

    /// <summary>The destinations as given on the command line. Undoing them again by these names succeeds.</summary>
    public IReadOnlyList<string> CalledBy { get; init; } = [];

    /// <summary>The paths that were unmounted.</summary>
    public IReadOnlyList<string> Done => done;

    /// <summary>Whether mount points are left that should have been removed.</summary>
    public bool LeftMountPoints => mountPointErrors.Count > 0;

    /// <summary>Unmounts them. Returns one error (75) for each that could not be unmounted, the deepest first. Also removes mount points
    /// that are no longer needed.</summary>
    public IReadOnlyList<KvolException> Run(IReadOnlyList<KvolMount> mounts)
    {
        var clock = Stopwatch.StartNew();
        RemoveMountPoints(); // those in a volume can be reached only until it is unmounted
        var left = WithInner(mounts);
        using var pins = MountPins.Of(Session, left);
        for (var pause = FirstPause; left.Count > 0; pause = Math.Min(pause * 2, LongestPause))
        {
            var before = left.Count;
            left = Pass(left, force: false);
            if (left.Count == 0 || (left.Count == before
                && (clock.Elapsed >= Patience || Session.Context.Plan is not null || Session.Context.Interrupt.IsCancellationRequested)))
            {
                break;
            }

            if (left.Count == before && Session.Context.Plan is null)
            {
                Session.Context.Interrupt.WaitHandle.WaitOne(pause);
            }

            left = StillThere(left);
        }

        if (Force && left.Count > 0)
        {
            left = Pass(StillThere(left), force: true);
        }

        RemoveMountPoints();
        UndoneMounts.Add(Session, done, CalledBy);
        LastUses.Note(Session.Context, Session.Store, mounts.Where(m => m.Volume is not null).Select(m => (m.Volume!, m.Record?.Jail)));
        return [.. mountPointErrors, .. Enumerable.Reverse(left).Select(e => errors.GetValueOrDefault(e.Id) ?? Unmounting.BusyError(e))];
    }

    private List<MountEntry> Pass(List<MountEntry> entries, bool force)
    {
        var left = new List<MountEntry>();
        var undone = new List<MountEntry>();
        var unmounted = new List<MountEntry>();
        var before = Session.Mounts.Table;
        foreach (var entry in Enumerable.Reverse(entries))
        {
            if (undone.Exists(u => u.Target.IsBelow(entry.Target)))
            {
                RemoveMountPoints(); // now, while the volume that holds them may still be mounted
                undone.Clear();
            }

            errors.Remove(entry.Id);
            var outcome = UnmountOutcome.Busy;
            try
            {
                outcome = Unmounting.Try(entry, within, force, Session.Context.Plan);
            }
            catch (KvolException e)
            {
                errors[entry.Id] = e;
            }
            catch (NativeException e)
            {
                errors[entry.Id] = new KvolException(ExitStatus.Busy, e.Subject, e.Reason);
            }

            if (outcome == UnmountOutcome.Busy)
            {
                left.Add(entry);
            }
            else if (outcome == UnmountOutcome.Done)
            {
                undone.Add(entry);
                unmounted.Add(entry);
            }
        }

        Session.Refresh();
        foreach (var entry in unmounted)
        {
            if (Session.Context.Plan is null && Unmounting.Exchanged(before, Session.Mounts.Table, entry, within, entries) is { } error)
            {
                errors[entry.Id] = error;
                left.Add(entry);
            }
            else
            {
                done.Add(entry.Target.ToString());
                Session.Context.Detail($"{done[^1]}: unmounted");
            }
        }

        return [.. entries.Where(left.Contains)];
    }

    private List<MountEntry> StillThere(List<MountEntry> entries) =>
        [.. entries.Select(e => Unmounting.Again(Session.Mounts.Table, e, within)).OfType<MountEntry>()];

    // A recursive mount is undone together with the mounts that it included.
    private List<MountEntry> WithInner(IReadOnlyList<KvolMount> mounts)
    {
        var all = new List<MountEntry>(mounts.Count);
        var seen = mounts.Select(m => m.Entry.Id).ToHashSet();
        foreach (var mount in mounts)
        {
            all.Add(mount.Entry);
            foreach (var taken in mount.Record?.Inner ?? [])
            {
                if (Session.Mounts.Table.Find(taken.Id) is { } inner && taken.IsOf(inner) && inner.Target.IsBelow(mount.Entry.Target)
                    && seen.Add(inner.Id))
                {
                    all.Add(inner);
                }
            }
        }

        return all;
    }

    private void RemoveMountPoints()
    {
        if (Session.Root is not null)
        {
            mountPointErrors = Session.MountPoints.RemoveUnused(Session.Root);
        }
    }
}
