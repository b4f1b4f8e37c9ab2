using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The use of volumes on several hosts that share a store: what this host records of its mounts, and what the records of other
/// hosts forbid. A store that no other host can use has no such records.</summary>
internal static class HostUsage
{
    /// <summary>What other hosts say of a volume that they use; an error (75) if that cannot be read. What this host uses through another
    /// mount of the store's file system counts, because nothing else shows it.</summary>
    public static IReadOnlyList<HostRecord> Elsewhere(IVolumeStore store, VolumeName name) =>
        store.Shared is not { Hosts: var hosts } ? [] : [.. hosts.OfOthers(name), .. hosts.OwnOf(name) is { } own
            && LiveUses.ThroughAnother(store, name, own.Uses) is { Count: > 0 } uses ? [own with { Uses = uses }] : (HostRecord[])[]];

    /// <summary>The same of a snapshot.</summary>
    public static IReadOnlyList<HostRecord> Elsewhere(IVolumeStore store, SnapshotName name) =>
        [.. Elsewhere(store, name.Volume).Select(r => r.Of(name.Name)).Where(r => r.Uses.Count > 0)];

    /// <summary>Throws an error (75) that names the hosts which use a volume, if any does; with <paramref name="writable"/>, only who may
    /// write to it counts. With <paramref name="evenSnapshots"/>, mounts of its snapshots count.</summary>
    public static void RequireNone(IVolumeStore store, VolumeName name, bool writable = false, bool evenSnapshots = true)
    {
        var records = Elsewhere(store, name).Select(r => r with
        {
            Uses = [.. r.Uses.Where(u => (evenSnapshots || u.Snapshot is null) && !(writable && u.IsReadOnly))]
        });
        Refuse(store, name.Text, [.. records.Where(r => r.Uses.Count > 0)]);
    }

    /// <summary>The same of a snapshot.</summary>
    public static void RequireNone(IVolumeStore store, SnapshotName name) => Refuse(store, name.ToString(), Elsewhere(store, name));

    private static void Refuse(IVolumeStore store, string subject, IReadOnlyList<HostRecord> records)
    {
        if (records.Count > 0)
        {
            var verb = records.All(r => r.Uses.All(u => u.Holder is null)) ? "mounted" : "used";
            throw new KvolException(ExitStatus.Busy, subject, $"is {verb} on {Describe(records)}; "
                + (store.Shared!.Hosts.IsOwn(records[0]) ? OwnWayOut(records[0].Uses[0]) : WayOut(records[0])));
        }
    }

    /// <summary>How hosts and what uses a volume there are named in a message.</summary>
    public static string Describe(IReadOnlyList<HostRecord> records) => string.Join("; and on ", records.Take(VolumeUse.MostNamed)
        .Select(r => $"the host {r.Host}: {string.Join(", ", r.Uses.Take(VolumeUse.MostNamed).Select(Describe))}"));

    private static string Describe(HostUse use) => use.Holder is null ? Shown.Of(use.Path)
        : use.Root is not null ? $"the container in {Shown.Of(use.Root)}" : $"the volume plugin for {Shown.Of(use.Holder)}";

    /// <summary>Records, before the mount is made, that this host uses a volume. The caller holds the volume's lock.</summary>
    public static void Add(RootSession session, VolumeName name, HostUse use)
    {
        if (session.Store?.Shared is { } shared && session.Context.Plan is null)
        {
            use = use with { RootIdentity = session.Record.Identity };
            shared.Hosts.Change(session.Context, name, uses =>
                uses.Where(u => u.Path != use.Path || u.RootIdentity != use.RootIdentity || u.Holder is not null).Append(use));
        }
    }

    /// <summary>Records what is mounted in a root directory now, and that the rest is not.</summary>
    public static void Settle(RootSession session)
    {
        if (session.Store?.Shared is not { } shared || session.Context.Plan is not null)
        {
            return;
        }

        session.Forget();
        var now = session.MountsInside().Where(m => m.Volume is not null).ToLookup(m => m.Volume!, m => Use(session, m));
        foreach (var name in now.Select(g => g.Key).Union(shared.Hosts.Volumes(shared.Hosts.Own.Id)))
        {
            // Records of other root directories are left alone, without a lock.
            if (now.Contains(name) || shared.Hosts.OwnOf(name)?.Uses.Any(IsInside) == true)
            {
                Change(session.Context, session.Store, name, uses => uses.Where(u => !IsInside(u)).Concat(now[name]));
            }
        }

        bool IsInside(HostUse use) => use.RootIdentity == session.Record.Identity && use.Holder is null;
    }

    /// <summary>Removes what this host said of a volume that nothing uses here; without <paramref name="evenSnapshots"/> not what it said
    /// of its snapshots. The caller holds the volume's lock.</summary>
    public static void Forget(Context context, IVolumeStore store, VolumeName name, bool evenSnapshots = true)
    {
        if (store.Shared is { } shared && context.Plan is null && shared.Hosts.OwnOf(name) is not null)
        {
            Change(context, store, name, uses => uses.Where(u => !evenSnapshots && u.Snapshot is not null));
        }
    }

    /// <summary>Changes what this host says of a volume in a shared store. What the change takes away while something here uses it, and
    /// nothing else says so, stays recorded as a use without a root directory: a mount may have a copy in another mount namespace, or
    /// processes may use it after it was detached. An error (75) if that cannot be examined.</summary>
    public static void Change(
        Context context, IVolumeStore store, VolumeName name, Func<IReadOnlyList<HostUse>, IEnumerable<HostUse>> change) =>
        store.Shared!.Hosts.Change(context, name, before =>
        {
            List<HostUse> after = [.. change(before)];
            after.AddRange(LiveUses.ThroughAnother(store, name, [.. before.Except(after)]));
            var lost = before.Where(b => !after.Exists(a => a.Covers(b))).Select(b => b.Snapshot).ToHashSet();
            IEnumerable<HostUse> live = lost.Count == 0 ? [] : LiveUses.Of(context, store, name, before).OrderBy(u => u.IsReadOnly);
            foreach (var use in live)
            {
                if (lost.Contains(use.Snapshot) && !after.Exists(a => a.Covers(use)))
                {
                    after.Add(use);
                }
            }

            return after;
        });

    /// <summary>What this host's records say that is not true any more: volumes that nothing uses here, holds that have ended, and uses
    /// without a root directory that have ended. Whoever calls it to remove something holds the volume's lock.</summary>
    public static IReadOnlyList<HostUse> Ended(Context context, IVolumeStore store, VolumeName name)
    {
        if (store.Shared?.Hosts.OwnOf(name) is not { } record)
        {
            return [];
        }

        var live = LiveUses.Of(context, store, name, record.Uses);
        return live.Count == 0 ? record.Uses : [.. record.Uses.Where(u => u.Holder is { } holder ? !live.Any(l => l.Holder == holder)
            : u.Root is null && !live.Any(l => l.Covers(u)))];
    }

    /// <summary>Whether anything on this host uses a volume.</summary>
    public static bool IsUsedHere(Context context, IVolumeStore store, VolumeName name) =>
        LiveUses.Of(context, store, name, store.Shared?.Hosts.OwnOf(name)?.Uses ?? []).Count > 0;

    /// <summary>The mounts of other hosts, for a listing; damaged records are left out.</summary>
    public static IEnumerable<MountView> Views(IVolumeStore? store)
    {
        if (store?.Shared is not { } shared)
        {
            return [];
        }

        return from record in shared.Hosts.All(_ => { })
               where !shared.Hosts.IsOwn(record)
               from use in record.Uses
               select View(record, use);
    }

    private static MountView View(HostRecord record, HostUse use)
    {
        var kind = use.Holder?.Split(':', 2);
        return new MountView(kind is [Holder.Oci or Holder.Plugin, _] ? kind[0] : "volume", record.Volume,
            record.Volume.Text + (use.Snapshot is null ? "" : $"@{use.Snapshot}"), use.Destination, use.Path, use.Jail ?? kind?[^1],
            use.IsReadOnly, use.Root, null)
        { Host = record.Host, IsOfSnapshot = use.Snapshot is not null };
    }

    // The mount table of this host has the use, though not as one of the store.
    private static string OwnWayOut(HostUse use) => "that is this host, and the store was mounted again since; unmount it first: "
        + (use is { Root: { } root, Destination: { } at } ? $"kvol umount {Shown.Quoted(root)} {Shown.Quoted(at)}"
            : $"umount {Shown.Quoted(use.Path)}");

    private static string WayOut(HostRecord record)
    {
        var there = record.Uses switch
        {
            [{ Holder: { } holder }, ..] => $"stop it there, or if it has ended, run there: kvol detach {Shown.Quoted(holder)}; ",
            [{ Root: { } root, Destination: { } at }, ..] => $"unmount it there: kvol umount {Shown.Quoted(root)} {Shown.Quoted(at)}; ",
            _ => "unmount it there, or end the processes that use it; ",
        };
        var last = record.Store is { } store ? $"if it is still recorded then, run there: kvol --root {Shown.Quoted(store)} gc; "
            : "if it is still recorded then, run there: kvol gc; ";
        return $"{there}{last}if that host will not come back: kvol gc --forget-host {record.Host.Id}";
    }

    private static HostUse Use(RootSession session, KvolMount mount) => new(session.Path,
        mount.Record?.Destination ?? mount.Entry.Target.After(new ByteString(session.Path)).ToString(), mount.Entry.Target.ToString(),
        mount.Record?.Jail, mount.Entry.Flags.HasFlag(MountFlags.ReadOnly))
    {
        RootIdentity = session.Record.Identity,
        Snapshot = mount.Snapshot?.Name,
    };
}
