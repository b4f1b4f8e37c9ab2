using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A snapshot that was taken or removed for a policy, or would be.</summary>
internal sealed record DueStep(bool IsTaken, SnapshotInfo Snapshot);

/// <summary><c>kvol snapshot --due</c>: takes and removes the snapshots that the policies of the volumes ask for. Volumes of one jail are
/// taken as a group. A failure of one volume is reported, and kvol continues with the others.</summary>
internal sealed class DueSnapshots
{
    // Long enough for a mount; a seeding goes on for longer, and the next run is soon.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Context context;
    private readonly IVolumeStore store;
    private readonly DateTimeOffset now = DateTimeOffset.UtcNow;
    private readonly List<DueStep> steps = [];
    private readonly List<string> failures = [];
    private readonly Lazy<bool> canTake;

    private DueSnapshots(Context context, IVolumeStore store)
    {
        (this.context, this.store) = (context with { WaitLimit = context.WaitLimit ?? Patience }, store);
        canTake = new(CanTake);
    }

    /// <summary>Does the work, or in a dry run only checks it. Returns the steps, and a message for each failure.</summary>
    public static (IReadOnlyList<DueStep> Steps, IReadOnlyList<string> Failures) Run(Context context)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is null)
        {
            return ([], []);
        }

        var work = new DueSnapshots(context, store);
        foreach (var together in work.ByJail(work.WithWork()))
        {
            context.Interrupt.ThrowIfCancellationRequested();
            work.Do(together);
        }

        return (work.steps, work.failures);
    }

    /// <summary>The volumes for which anything is to be done, without their locks.</summary>
    private List<VolumeName> WithWork()
    {
        var found = new List<VolumeName>();
        foreach (var volume in store.List(e => failures.Add(e.Message)).OfType<Volume>())
        {
            Try(() =>
            {
                if (Policies.InForce(context.Configuration, volume) is { } policy && store.Snapshots(volume.Name) is var snapshots
                    && (PolicyRule.Due(policy, snapshots, now).Count > 0 || PolicyRule.Excess(policy, snapshots, now).Count > 0))
                {
                    found.Add(volume.Name);
                }
            });
        }

        return found;
    }

    /// <summary>Sorts volumes by the jails that they are mounted for: those of one jail are together, and so are jails that share a
    /// volume.</summary>
    private List<Together> ByJail(IReadOnlyList<VolumeName> names)
    {
        var all = new List<Together>();
        if (names.Count == 0)
        {
            return all;
        }

        var jailsOf = MountViews.Of(context, store, everywhere: false).Where(m => m.Jail is not null).ToLookup(m => m.Volume, m => m.Jail!);
        foreach (var name in names)
        {
            var jails = jailsOf[name].ToHashSet();
            var joined = all.Where(t => t.Jails.Overlaps(jails)).ToArray();
            all.RemoveAll(t => joined.Contains(t));
            all.Add(new Together([.. joined.SelectMany(t => t.Jails), .. jails], [.. joined.SelectMany(t => t.Names), name]));
        }

        return all;
    }

    private void Do(Together together)
    {
        using var locks = new VolumeLocks(store, [], context);
        var members = new List<Member>();
        foreach (var name in VolumeLocks.InOrder(together.Names))
        {
            Try(() =>
            {
                locks.Add(name);
                var volume = OpenedVolume.In(context, store, name).RequireComplete();
                if (Policies.InForce(context.Configuration, volume) is { } policy) // another command may have changed it
                {
                    members.Add(new Member(name, policy, store.Snapshots(name)));
                }
            });
        }

        foreach (var period in SnapshotPeriod.All.Reverse())
        {
            Member[] due = [.. members.Where(m => m.Due(now).Contains(period))];
            if (due.Length > 0 && canTake.Value)
            {
                AllOrEach(due, some => Take(period, some, together));
            }
        }

        Prune(members);
    }

    private void Take(SnapshotPeriod period, IReadOnlyList<Member> members, Together together)
    {
        context.Interrupt.ThrowIfCancellationRequested();
        SnapshotName[] names = [.. members.Select(m => new SnapshotName(m.Name, period.NameAt(now)))];
        var group = together.Jails.Count == 0 ? null
            : SnapshotGroup.Of(names, together.Jails is { Count: 1 } one ? one.Single() : null);
        var made = Failures.Name(string.Join(", ", members.Select(m => m.Name)), () =>
            store.Snapshot(names, group, context, () => { }, period));
        foreach (var (member, snapshot) in members.Zip(made))
        {
            member.Snapshots = [.. member.Snapshots, snapshot];
            steps.Add(new DueStep(true, snapshot));
        }
    }

    /// <summary>Whether the store can make snapshots; what keeps it from that is reported once, not for each volume.</summary>
    private bool CanTake()
    {
        if (Policies.Obstacle(store) is { } reason)
        {
            failures.Add($"{store.Root}: {reason}");
            return false;
        }

        return true;
    }

    private void Prune(IReadOnlyList<Member> members)
    {
        var excess = members.Select(m => new Queue<SnapshotInfo>(Unmounted(m.Name, m.Excess(now)))).ToArray();
        Array.ForEach(excess, RefuseWhileRead);
        while (excess.Where(e => e.Count > 0).Select(e => e.Dequeue()).ToArray() is { Length: > 0 } round) // one of each volume
        {
            context.Interrupt.ThrowIfCancellationRequested();
            AllOrEach(round, some =>
            {
                Failures.Name(string.Join(", ", some.Select(s => s.Name)), () => store.RemoveSnapshots([.. some.Select(s => s.Name)]));
                steps.AddRange(some.Select(s => new DueStep(false, s)));
            });
        }
    }

    /// <summary>Leaves the snapshots that are mounted; the first run after they are unmounted removes them.</summary>
    private IEnumerable<SnapshotInfo> Unmounted(VolumeName name, IReadOnlyList<SnapshotInfo> excess)
    {
        if (excess.Count == 0)
        {
            return excess;
        }

        try
        {
            var mounts = new KvolMounts(store, []);
            var mounted = SnapshotUses.Find(mounts, name).ToLookup(u => u.Snapshot!);
            var places = excess.Select(s => mounted.Contains(s.Name) ? VolumeUse.Describe([.. mounted[s.Name]])
                : HostUsage.Elsewhere(store, s.Name) is { Count: > 0 } hosts ? HostUsage.Describe(hosts) : null).ToArray();
            foreach (var (left, place) in excess.Zip(places).Where(e => e.Second is not null))
            {
                context.Hint($"{left.Name}: its time is over, but it stays, because it is mounted on {place}");
            }

            SnapshotInfo[] free = [.. excess.Zip(places).Where(e => e.Second is null).Select(e => e.First)];
            Array.ForEach(free, s => SnapshotUses.RequireNoStrays(mounts, store, s.Name));
            return free;
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            failures.Add(e.Message); // it cannot be seen whether one is mounted
            return [];
        }
    }

    /// <summary>Leaves the snapshots of a volume that is being exported: one of them may be the one that is read. The next run removes
    /// them.</summary>
    private void RefuseWhileRead(Queue<SnapshotInfo> excess)
    {
        try
        {
            if (excess.TryPeek(out var first))
            {
                ReadHold.RequireNone(context, store, first.Name.Volume);
            }
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            excess.Clear();
        }
    }

    /// <summary>Does something for all of them at once. If that fails, does it for each of them alone, so that the failure of one does
    /// not prevent the others.</summary>
    private void AllOrEach<T>(IReadOnlyList<T> all, Action<IReadOnlyList<T>> work)
    {
        if (all.Count > 1)
        {
            try
            {
                work(all);
                return;
            }
            catch (Exception e) when (e is KvolException or IOException)
            {
                // who it is about, the attempt with each alone says
            }
        }

        foreach (var one in all)
        {
            Try(() => work([one]));
        }
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (Failures.IsGone(e))
        {
            // there is nothing to do for it
        }
        catch (KvolException e)
        {
            failures.Add(e.Message);
        }
        catch (IOException e)
        {
            failures.Add(Failures.TextOf(e));
        }
    }

    /// <summary>Volumes whose snapshots are taken as a group.</summary>
    private sealed record Together(HashSet<string> Jails, IReadOnlyList<VolumeName> Names);

    private sealed record Member(VolumeName Name, SnapshotPolicy Policy, IReadOnlyList<SnapshotInfo> Snapshots)
    {
        /// <summary>The existing snapshots, the oldest first.</summary>
        public IReadOnlyList<SnapshotInfo> Snapshots { get; set; } = Snapshots;

        public IReadOnlyList<SnapshotPeriod> Due(DateTimeOffset now) => PolicyRule.Due(Policy, Snapshots, now);

        public IReadOnlyList<SnapshotInfo> Excess(DateTimeOffset now) => PolicyRule.Excess(Policy, Snapshots, now);
    }
}
