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
    /// <summary>What other hosts say of a volume that they use; an error (75) if that cannot be read.</summary>
    public static IReadOnlyList<HostRecord> Elsewhere(IVolumeStore store, VolumeName name) => store.Shared?.Hosts.OfOthers(name) ?? [];

    /// <summary>Throws an error (75) that names the hosts which use a volume, if any does; with <paramref name="writable"/>, only who may
    /// write to it counts.</summary>
    public static void RequireNone(IVolumeStore store, VolumeName name, bool writable = false)
    {
        HostRecord[] uses = [.. Elsewhere(store, name).Where(r => !writable || !r.IsReadOnly)];
        if (uses.Length > 0)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"is mounted on {Describe(uses)}; {WayOut(uses[0])}");
        }
    }

    /// <summary>How hosts and their mounts are named in a message.</summary>
    public static string Describe(IReadOnlyList<HostRecord> uses) => string.Join("; and on ", uses.Take(VolumeUse.MostNamed).Select(r =>
        $"the host {r.Host}: {string.Join(", ", r.Uses.Take(VolumeUse.MostNamed).Select(u => Shown.Of(u.Path)))}"));

    /// <summary>Records, before the mount is made, that this host uses a volume. The caller holds the volume's lock.</summary>
    public static void Add(RootSession session, VolumeName name, HostUse use)
    {
        if (session.Store?.Shared is { } shared && session.Context.Plan is null)
        {
            shared.Hosts.Change(session.Context, name, uses => uses.Where(u => u.Path != use.Path).Append(use));
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
            if (now.Contains(name) || shared.Hosts.OwnOf(name)?.Uses.Any(u => u.Root == session.Path) == true)
            {
                shared.Hosts.Change(session.Context, name, uses => uses.Where(u => u.Root != session.Path).Concat(now[name]));
            }
        }
    }

    /// <summary>Removes what this host said of a volume that nothing uses here. The caller holds the volume's lock.</summary>
    public static void Forget(Context context, IVolumeStore store, VolumeName name)
    {
        if (store.Shared is { } shared && context.Plan is null && shared.Hosts.OwnOf(name) is not null)
        {
            shared.Hosts.Change(context, name, _ => []);
        }
    }

    /// <summary>The volumes that this host's records name, and that nothing uses here.</summary>
    public static IReadOnlyList<VolumeName> Ended(Context context, IVolumeStore store) => store.Shared is not { } shared ? []
        : [.. shared.Hosts.Volumes(shared.Hosts.Own.Id).Where(v => shared.Hosts.OwnOf(v) is not null && !IsUsedHere(context, store, v))];

    /// <summary>Whether anything on this host uses a volume.</summary>
    public static bool IsUsedHere(Context context, IVolumeStore store, VolumeName name) =>
        VolumeUses.Find(store, name).Count > 0 || Holds.Of(context.Configuration, store, name).Count > 0;

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
               select new MountView("volume", record.Volume, record.Volume.Text, use.Destination, use.Path, use.Jail, use.IsReadOnly,
                   use.Root, null) { Host = record.Host };
    }

    private static string WayOut(HostRecord record)
    {
        var unmount = record.Uses is [var use, ..]
            ? $"unmount it there: kvol umount {Shown.Quoted(use.Root)} {Shown.Quoted(use.Destination)}; " : "";
        return $"{unmount}if that host will not come back: kvol gc --forget-host {record.Host.Id}";
    }

    private static HostUse Use(RootSession session, KvolMount mount) => new(session.Path,
        mount.Record?.Destination ?? mount.Entry.Target.After(new ByteString(session.Path)).ToString(), mount.Entry.Target.ToString(),
        mount.Record?.Jail, mount.Entry.Flags.HasFlag(MountFlags.ReadOnly));
}
