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
    /// <summary><c>gc --forget-host</c>: removes what a host recorded of its mounts, because it will not come back. An error (66) if it
    /// recorded nothing, (75) if it is this host and has mounts.</summary>
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

        if (host == hosts.Own.Id && volumes.FirstOrDefault(v => HostUsage.IsUsedHere(context, store, v)) is { } used)
        {
            throw new KvolException(ExitStatus.Busy, host.Text,
                $"is this host, and {used} is mounted here; 'kvol mounts' lists the mounts, and what unmounts them removes the records");
        }

        return ([.. hosts.Forget(host, dryRun).Select(v => new Collected("host record", v.Text, null,
            $"{(dryRun ? "would no longer be" : "is no longer")} recorded as mounted on the host {host}"))], []);
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

        foreach (var name in HostUsage.Ended(context, store))
        {
            context.Interrupt.ThrowIfCancellationRequested();
            Unless(() =>
            {
                // Under the lock, because a mount is recorded before it is made.
                using var held = dryRun ? null : new VolumeLocks(store, [name], context);
                if (!HostUsage.IsUsedHere(context, store, name))
                {
                    HostUsage.Forget(context, store, name);
                    Add(name, "and is not any more");
                }
            });
        }
    });

    private void Add(VolumeName name, string when) => Add("host record", name.Text, null,
        $"was recorded as mounted on this host {when}; {(dryRun ? "would remove" : "removed")} the record");
}
