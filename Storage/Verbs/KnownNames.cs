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

/// <summary>The names that exist on this host, for completion. Reading them takes no lock, changes nothing and reports nothing; names that
/// cannot be read are left out. <paramref name="store"/> is the value of <c>--root</c>.</summary>
internal sealed class KnownNames(string? store)
{
    /// <summary>The volumes.</summary>
    public IReadOnlyList<string> Volumes() => Read(c => VolumeStores.NamesOf(c).Volumes());

    /// <summary>The snapshots of a volume, as <c>VOL@NAME</c>.</summary>
    public IReadOnlyList<string> Snapshots(string volume) =>
        Read(c => VolumeStores.NamesOf(c).Snapshots(volume).Select(s => $"{volume}@{s}"));

    /// <summary>The groups of snapshots.</summary>
    public IReadOnlyList<string> Groups() => Read(c => VolumeStores.NamesOf(c).Groups());

    /// <summary>The volumes that <c>undelete</c> can bring back.</summary>
    public IReadOnlyList<string> Deleted() => Read(c => VolumeStores.NamesOf(c).Deleted());

    /// <summary>The hosts that <c>gc</c> can forget.</summary>
    public IReadOnlyList<string> Hosts() => Read(c => VolumeStores.NamesOf(c).Hosts());

    /// <summary>The jails that are attached, and where the kernel knows jails, those that run.</summary>
    public IReadOnlyList<string> Jails() =>
    [
        .. Read(c => RunRecords.Peek(c).SelectMany(r => r.Attachments).Select(a => a.Jail)),
        .. Read(_ => Native.Jails.All().Select(j => j.Name)),
    ];

    /// <summary>The ids of what holds volumes.</summary>
    public IReadOnlyList<string> Holders() => Read(c => Holds.All(c).Select(h => h.Holder.Id));

    /// <summary>The root directories in which kvol has mounted something.</summary>
    public IReadOnlyList<string> RootDirectories() =>
        Read(c => RunRecords.Peek(c).Where(r => r.Mounts.Count > 0).Select(r => r.Path));

    /// <summary>The mount points that kvol has made in a root directory, as the jail sees them.</summary>
    public IReadOnlyList<string> Destinations(string root) => Read(c =>
    {
        using var directory = Files.OpenReference(new ByteString(HostPath.Absolute(root)));
        var identity = Files.Status(directory).Identity;
        return RunRecords.Peek(c).Where(r => r.Identity == identity).SelectMany(r => r.Mounts).Select(m => m.Destination);
    });

    // The command itself reports a store, a configuration or a directory that cannot be read.
    private IReadOnlyList<string> Read(Func<Configuration, IEnumerable<string>> names)
    {
        try
        {
            return [.. names(Configuration.Load(store))];
        }
        catch (Exception e) when (e is KvolException or IOException)
        {
            return [];
        }
    }
}
