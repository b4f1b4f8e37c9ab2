using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A mount of kvol's, with what is known of it.</summary>
/// <param name="Volume">The volume of this store that it shows, as the kernel's row says; null for a host mount and for a volume of another
/// store.</param>
/// <param name="Record">What kvol wrote down when it made the mount, or null.</param>
internal sealed record KvolMount(MountEntry Entry, VolumeName? Volume, RunRecord? Record)
{
    /// <summary>What is mounted, for people. The volume of another store is shown by its path: its name alone could be one of this
    /// store's.</summary>
    public string Source => Volume?.Text ?? (Record is { IsVolume: false } record ? record.Source : Entry.Source.ToString());
}

/// <summary>The mount table, read once, and which of its rows are kvol's: those that show something in the store's volumes, and those that
/// a run record of this boot knows.</summary>
internal sealed class KvolMounts
{
    private static readonly ByteString Root = new("/");

    private readonly Func<MountEntry, ShownVolume?> shown;
    private readonly RecordedMounts records = new();
    private readonly Lazy<IReadOnlyList<NamespaceMounts>> elsewhere = new(ProcessTable.OtherMountTables);
    private readonly string? movedFrom;
    private Func<IEnumerable<RunRecord>>? others;

    /// <summary>Reads the table. <paramref name="others"/> are more records, asked for only when the first ones do not know a
    /// row. <paramref name="movedFrom"/> is where the root directory of the records was, if it may be elsewhere now.</summary>
    public KvolMounts(IVolumeStore? store, IEnumerable<RunRecord> records, Func<IEnumerable<RunRecord>>? others = null,
        string? movedFrom = null)
    {
        this.movedFrom = movedFrom;
        Table = MountTable.Read();
        shown = store?.Classifier(Table) ?? (_ => null);
        this.others = others;
        this.records.Add(records);
    }

    public MountTable Table { get; }

    /// <summary>All of kvol's mounts, in the order they were made on top of each other.</summary>
    public IEnumerable<KvolMount> All => Table.Entries.Select(Find).OfType<KvolMount>();

    /// <summary>Those below a directory, in the same order.</summary>
    public IEnumerable<KvolMount> Below(ByteString directory) =>
        Table.Entries.Where(e => e.Target.IsBelow(directory)).Select(Find).OfType<KvolMount>();

    /// <summary>What kvol knows of a row; null when it is foreign.</summary>
    public KvolMount? Find(MountEntry entry)
    {
        var volume = shown(entry) is { IsHome: false } found ? found.Volume : null;
        var record = RecordOf(entry);
        return volume is not null || record is not null ? new KvolMount(entry, volume, record) : null;
    }

    /// <summary>The mounts that show a volume, or are made inside its directory; those of other mount namespaces too.</summary>
    public IReadOnlyList<VolumeUse> UsesOf(VolumeName name, ByteString? contentPath)
    {
        var uses = Table.Entries
            .Where(e => shown(e) is var s
                && (s?.Volume == name ? !s.Value.IsHome : contentPath is not null && e.Target.IsAtOrBelow(contentPath)))
            .Select(e => new VolumeUse(e, null)).ToList();
        try
        {
            uses.AddRange(Elsewhere().Concat(InsideElsewhere()).Where(m => m.Volume == name).Select(m => new VolumeUse(m.Entry, m.Pid)));
        }
        catch (NativeException e)
        {
            throw Refusals.CannotSee(name.Text, e);
        }

        return uses;
    }

    /// <summary>What processes hold of a tree on mounts that have no place any more, and so are no rows of a table.</summary>
    public IReadOnlyList<HeldObject> StraysWithin(Fd top) => ProcessTable.StraysWithin(top, elsewhere.Value);

    /// <summary>The mounts of other mount namespaces that show a volume of the store, each with a process that lives there. An error of the
    /// kernel's where a table cannot be read.</summary>
    public IEnumerable<(VolumeName Volume, MountEntry Entry, int Pid)> Elsewhere()
    {
        foreach (var (pid, table) in elsewhere.Value)
        {
            // Paths of a process in another root directory are not ours, so that none of them is where the store keeps a volume.
            var sameRoot = table.At(Root)?.Origin.Equals(Table.At(Root)?.Origin) == true;
            foreach (var entry in table.Entries)
            {
                // Ids are of the whole system: one that is in our table is our mount.
                if (shown(entry) is { } found && !(found.IsHome && sameRoot) && Table.Find(entry.Id) is null)
                {
                    yield return (found.Volume, entry, pid);
                }
            }
        }
    }

    // Of other file systems: removing what such a mount lies on would take it away. Datasets and snapshots go with their volume.
    private IEnumerable<(VolumeName Volume, MountEntry Entry, int Pid)> InsideElsewhere() =>
        from other in elsewhere.Value
        from entry in other.Table.Entries
        where entry.Dataset is null && Table.Find(entry.Id) is null && shown(entry) is null
        let parent = other.Table.Find(entry.ParentId)
        where parent is not null && entry.Target.IsBelow(parent.Target)
        let place = parent with { Origin = other.Table.OriginOf(parent.Id, entry.Target) }
        let found = shown(place)
        where found is not null
        select (found.Value.Volume, entry, other.Pid);

    private RunRecord? RecordOf(MountEntry entry)
    {
        var record = records.Find(entry, Table, movedFrom);
        if (record is null && others is not null)
        {
            records.Add(others());
            others = null;
            record = records.Find(entry, Table, movedFrom);
        }

        return record;
    }
}
