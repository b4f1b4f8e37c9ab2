using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What doctor says of the place of a directory store, and of the hosts that share it.</summary>
internal static class DoctorOfStore
{
    public static IEnumerable<Finding> Examine(IVolumeStore? store)
    {
        if (store is null || !store.Root.StartsWith('/'))
        {
            yield break;
        }

        using var directory = Files.OpenDirectory(new ByteString(store.Root));
        if (store.Shared is not { } shared)
        {
            yield return new Finding("file system", true, MountTable.Read().RowOf(directory)?.FileSystem ?? "not in the mount table");
            yield break;
        }

        var isAnother = SharedStore.IsRootAnother(directory);
        yield return new Finding("file system", !isAnother, $"{shared.Mount.Type}, mounted from {shared.Mount.Source}: "
            + (isAnother ? SharedStore.RootRemedy : "locks hold between hosts, and root is root at the server"));
        var damaged = new List<KvolException>();
        var hosts = new List<Finding>();
        string? missing = null;
        try
        {
            _ = shared.Hosts.Own;
            hosts.AddRange(shared.Hosts.All(damaged.Add).GroupBy(r => r.Host).Select(g => Of(g.Key, [.. g], shared.Hosts)));
        }
        catch (KvolException e)
        {
            missing = e.Message; // this host has no id
        }

        foreach (var finding in hosts)
        {
            yield return finding;
        }

        foreach (var text in damaged.Select(d => d.Message).Concat(missing is null ? [] : [missing]))
        {
            yield return new Finding("host", false, text);
        }
    }

    private static Finding Of(KnownHost host, IReadOnlyList<HostRecord> records, HostRecords hosts)
    {
        var isOwn = records.All(hosts.IsOwn);
        var volumes = string.Join(", ", records.Select(r => r.Volume.Text + (r.IsReadOnly ? " (read-only)" : "")));
        return host.Id == hosts.Own.Id && !isOwn
            ? new Finding($"host {host}", false, $"has the same id as this host, and uses {volumes}; give each host an id of its own "
                + $"({Host.IdPlace}, {Host.IdMaker})")
            : new Finding($"host {host}", true, $"{(isOwn ? "this host, " : "")}uses {volumes}");
    }
}
