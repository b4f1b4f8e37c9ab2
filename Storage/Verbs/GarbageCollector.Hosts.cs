using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>Records of hosts that share the store.</content>
internal sealed partial class GarbageCollector
{
    /// <summary><c>gc --forget-host</c>: removes what a host recorded of its uses, because it will not come back. An error (66) if it
    /// recorded nothing, (75) if it is this host and uses all that it recorded.</summary>
    public static (IReadOnlyList<Collected> Done, IReadOnlyList<string> Left) ForgetHost(Context context, HostId host, bool dryRun)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store?.Shared is not { Hosts: var hosts })
        {
            throw new KvolException(ExitStatus.NoInput, host.Text, "the store is in no file system that hosts share, so it has no records "
                + "of hosts");
        }

        var volumes = hosts.Volumes(host);
        if (volumes.Count == 0)
        {
            throw new KvolException(ExitStatus.NoInput, host.Text, "this host has recorded nothing; 'kvol doctor' lists those that "
                + "have");
        }

        var isOwn = host == hosts.Own.Id;
        var done = new List<Collected>();
        foreach (var name in volumes)
        {
            context.Interrupt.ThrowIfCancellationRequested();
            using var held = isOwn && !dryRun ? new VolumeLocks(store, [name], context) : null;
            if (!isOwn || !HostUsage.IsUsedHere(context, store, name))
            {
                done.Add(new Collected("host record", name.Text, null,
                    $"{(dryRun ? "would no longer be" : "is no longer")} recorded as used on the host {host}"));
                if (!dryRun)
                {
                    hosts.Forget(host, name);
                }
            }
        }

        return done.Count > 0 ? (done, []) : throw new KvolException(ExitStatus.Busy, host.Text,
            $"is this host, and {volumes[0]} is used here; 'kvol mounts' says by what, and what ends that removes the record");
    }

    private void OwnRecords() => Unless(() =>
    {
        if (store?.Shared is not { Hosts: var hosts })
        {
            return;
        }

        foreach (var name in hosts.ForgetEarlierBoots(context, dryRun))
        {
            Add(name, "before the last boot");
        }

        foreach (var name in hosts.Volumes(hosts.Own.Id))
        {
            context.Interrupt.ThrowIfCancellationRequested();
            Unless(() =>
            {
                if (HostUsage.Ended(context, store, name).Count == 0)
                {
                    return;
                }

                // Under the lock, because a use is recorded before it begins.
                using var held = dryRun ? null : new VolumeLocks(store, [name], context);
                if (HostUsage.Ended(context, store, name) is { Count: > 0 } ended)
                {
                    if (!dryRun)
                    {
                        HostUsage.Change(context, store, name, uses => uses.Except(ended));
                    }

                    Add(name, "and is not any more");
                }
            });
        }
    });

    private void Add(VolumeName name, string when) => Add("host record", name.Text, null,
        $"was recorded as used on this host {when}; {(dryRun ? "would remove" : "removed")} the record");
}
