using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Which hosts use which volumes of a store that several hosts share: <c>hosts/ID/VOLUME.json</c>. A host writes only below its
/// own id. It adds to a record under the lock of the volume, before it mounts, so that whoever takes that lock sees it. No record ends by
/// itself: its host removes it, or the administrator does.</summary>
internal sealed class HostRecords(Fd store, Upkeep upkeep)
{
    /// <summary>The directory that has them.</summary>
    public const string Name = "hosts";

    private const string Suffix = ".json", Lock = "hosts";

    private readonly Lazy<KnownHost> own = new(Self);

    private bool isSwept;

    /// <summary>This host; an error (78) if it has no id.</summary>
    public KnownHost Own => own.Value;

    /// <summary>The hosts that have records, by id.</summary>
    public IReadOnlyList<HostId> Hosts()
    {
        using var hosts = OwnDirectory.Open(store, Name, upkeep, create: false);
        return [.. Names(hosts).Where(HostId.IsValid).Order(StringComparer.Ordinal).Select(HostId.Parse)];
    }

    /// <summary>The volumes that a host has records of.</summary>
    public IReadOnlyList<VolumeName> Volumes(HostId host)
    {
        using var records = Open(host, create: false);
        return [.. Names(records).Where(n => n.EndsWith(Suffix, StringComparison.Ordinal)).Select(n => n[..^Suffix.Length])
            .Where(VolumeName.IsValid).Order(StringComparer.Ordinal).Select(VolumeName.Parse)];
    }

    /// <summary>All records, those of this host included. Damaged ones are passed to <paramref name="damaged"/>.</summary>
    public IReadOnlyList<HostRecord> All(Action<KvolException> damaged)
    {
        var all = new List<HostRecord>();
        foreach (var host in Hosts())
        {
            foreach (var volume in Volumes(host))
            {
                try
                {
                    all.AddRange(Find(host, volume) is { } record ? [record] : []);
                }
                catch (KvolException e)
                {
                    damaged(e);
                }
            }
        }

        return all;
    }

    /// <summary>The records of other hosts that use a volume; an error (75) if one is damaged, because it may say that.</summary>
    public IReadOnlyList<HostRecord> OfOthers(VolumeName volume)
    {
        var found = new List<HostRecord>();
        foreach (var host in Hosts())
        {
            try
            {
                found.AddRange(Find(host, volume) is { } record && !IsOwn(record) ? [record] : []);
            }
            catch (KvolException e) when (e.Status == ExitStatus.Damaged)
            {
                throw Damaged(host, volume);
            }
        }

        return found;
    }

    /// <summary>Whether this host wrote a record. A host that was copied with its id has another name and another boot.</summary>
    public bool IsOwn(HostRecord record) =>
        record.Host.Id == Own.Id && (record.Boot == Host.BootId || record.Host.Name == Own.Name);

    /// <summary>This host's record of a volume; null if it has none of this boot.</summary>
    public HostRecord? OwnOf(VolumeName volume) => FindOwn(volume) is { } record && record.Boot == Host.BootId ? record : null;

    /// <summary>Replaces what this host says of a volume; it says nothing if the change returns no use. An error (78) if a copy of this
    /// host, with the same id, uses the volume.</summary>
    public void Change(Context context, VolumeName volume, Func<IReadOnlyList<HostUse>, IEnumerable<HostUse>> change)
    {
        using var held = Take(context);
        using var records = Open(Own.Id, create: true);
        var before = FindOwn(volume);
        if (before is not null && !IsOwn(before))
        {
            throw new KvolException(ExitStatus.Configuration, Host.IdPlace,
                $"the host {Shown.Of(before.Host.Name)} has the same id as this one, and uses {volume}; give each host an id of its own "
                + $"({Host.IdMaker}), or if this host had that name: kvol gc --forget-host {Own.Id}");
        }

        var uses = change(before is not null && before.Boot == Host.BootId ? before.Uses : []).ToArray();
        var after = new HostRecord(Own, Host.BootId, volume, uses) { Store = Files.PathOf(store).ToString() };
        if (uses.Length == 0)
        {
            StateFile.Remove(records, volume + Suffix);
        }
        else if (!after.Says(before))
        {
            StateFile.Write(records, volume + Suffix, after.Write);
        }
    }

    /// <summary>Removes this host's records of its earlier boots, or with <paramref name="dryRun"/> only finds them; their volumes. Does
    /// nothing the second time.</summary>
    public IReadOnlyList<VolumeName> ForgetEarlierBoots(Context context, bool dryRun = false)
    {
        if (isSwept || !HostId.IsValid(Host.Id ?? ""))
        {
            return [];
        }

        isSwept = true;
        var earlier = Volumes(Own.Id).Where(IsEarlier).ToArray();
        if (earlier.Length == 0 || dryRun || context.Plan is not null)
        {
            return earlier;
        }

        using var held = Take(context);
        using var records = Open(Own.Id, create: false);
        foreach (var volume in earlier.Where(IsEarlier))
        {
            StateFile.Remove(records, volume + Suffix);
        }

        return earlier;
    }

    /// <summary>Removes a record, a damaged one too.</summary>
    public void Forget(HostId host, VolumeName volume)
    {
        using var records = Open(host, create: false);
        if (records.IsOpen)
        {
            StateFile.Remove(records, volume + Suffix);
        }
    }

    /// <summary>The directory for what this host must remember after a reboot, beside its records.</summary>
    public Fd OpenOwn(string name, bool create)
    {
        using var records = Open(Own.Id, create);
        return records.IsOpen ? OwnDirectory.Open(records, name, upkeep, create) : Fd.None;
    }

    private HostRecord? Find(HostId host, VolumeName volume)
    {
        using var records = Open(host, create: false);
        return records.IsOpen ? StateFile.ReadChecked(records, volume + Suffix, json => HostRecord.Read(json, host, volume)) : null;
    }

    // A damaged one may have told of mounts that still exist: it counts as a use of this boot until gc finds that nothing uses the volume.
    private HostRecord? FindOwn(VolumeName volume)
    {
        try
        {
            return Find(Own.Id, volume);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            return new HostRecord(Own, Host.BootId, volume, [new HostUse(null, null, PathOf(Own.Id, volume), null, IsReadOnly: false)]);
        }
    }

    private bool IsEarlier(VolumeName volume) => FindOwn(volume) is { } record && IsOwn(record) && record.Boot != Host.BootId;

    // Opened by its name each time: then the client of NFS asks the server whether it has changed.
    private Fd Open(HostId host, bool create)
    {
        using var hosts = OwnDirectory.Open(store, Name, upkeep, create);
        return hosts.IsOpen ? OwnDirectory.Open(hosts, host.Text, upkeep, create) : Fd.None;
    }

    private string PathOf(HostId host, VolumeName volume) => $"{Files.PathOf(store)}/{Name}/{host}/{volume}{Suffix}";

    private KvolException Damaged(HostId host, VolumeName volume)
    {
        var path = PathOf(host, volume);
        return new KvolException(ExitStatus.Busy, volume.Text,
            $"may be in use on the host {host}: {path} is damaged; when nothing uses the volume there, remove the record: "
            + $"rm {Shown.Quoted(path)}");
    }

    // One record of this host is read and written at a time; other hosts do not write it.
    private static FileLock Take(Context context)
    {
        using var locks = RunDirectory.OpenLocks(context.Configuration, context.Upkeep);
        return FileLock.Take(locks, Lock, "the records of this host", context);
    }

    private static IEnumerable<string> Names(Fd directory) =>
        directory.IsOpen ? DirectoryStore.Entries(directory).Select(e => e.ToString()) : [];

    private static KnownHost Self() => Host.Id is { } id && HostId.IsValid(id) ? new KnownHost(HostId.Parse(id), Host.Name)
        : throw new KvolException(ExitStatus.Configuration, Host.IdPlace,
            $"this host has no id there, and a store that hosts share needs one; to make it: {Host.IdMaker}");
}
