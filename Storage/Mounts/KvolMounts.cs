using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A mount that kvol made, with what kvol knows of it.</summary>
/// <param name="Volume">The volume of this store that it shows, according to the mount table; null for a host mount and for a volume of
/// another store.</param>
/// <param name="Record">The record that kvol wrote when it made the mount, or null.</param>
internal sealed record KvolMount(MountEntry Entry, VolumeName? Volume, RunRecord? Record)
{
    /// <summary>The snapshot of <see cref="Volume"/> that it shows instead of the volume, or null.</summary>
    public SnapshotName? Snapshot { get; init; }

    /// <inheritdoc cref="RunRecord.IsNewFileSystem"/>
    public bool IsNewFileSystem => Record is { IsNewFileSystem: true };

    /// <summary>The source, for people. The volume of another store is shown by its path, because this store may have a volume of the same
    /// name.</summary>
    public string Source => Snapshot?.ToString() ?? Volume?.Text
        ?? (Record is { IsVolume: false } record ? new ByteString(record.Source).ToString() : MountTable.SourceOf(Entry).ToString());
}

/// <summary>A mount table, read once, and the rows in it that are kvol's: those that show something in the store's volumes, and those
/// that have a run record of this boot.</summary>
internal sealed class KvolMounts
{
    private static readonly ByteString Root = new("/");

    private readonly Lazy<Func<MountEntry, ShownVolume?>> shown;
    private readonly RecordedMounts records = new();
    private readonly Lazy<IReadOnlyList<NamespaceMounts>> elsewhere = new(ProcessTable.OtherMountTables);
    private readonly string? movedFrom;
    private readonly Func<MountEntry, IEnumerable<RunRecord>>? others;
    private readonly Plan? plan;

    /// <summary>Reads the table of this mount namespace.</summary>
    public KvolMounts(IVolumeStore? store, IEnumerable<RunRecord> records)
        : this(store, MountTable.Read(), records)
    {
    }

    /// <summary>Looks at the rows of a table. <paramref name="others"/> finds further records for a row that the given ones do not know.
    /// <paramref name="movedFrom"/> is the former path of the records' root directory, if it may have moved. What a step of
    /// <paramref name="plan"/> unmounts does not count.</summary>
    public KvolMounts(IVolumeStore? store, MountTable table, IEnumerable<RunRecord> records,
        Func<MountEntry, IEnumerable<RunRecord>>? others = null, string? movedFrom = null, Plan? plan = null)
    {
        (Table, this.others, this.movedFrom, this.plan) = (table, others, movedFrom, plan);
        shown = new Lazy<Func<MountEntry, ShownVolume?>>(() => store?.Classifier(table) ?? (_ => null));
        this.records.Add(records);
    }

    public MountTable Table { get; }

    /// <summary>All of kvol's mounts, in mount order: the lowest first.</summary>
    public IEnumerable<KvolMount> All => Table.Entries.Select(Find).OfType<KvolMount>();

    /// <summary>Those below a directory, in the same order.</summary>
    public IEnumerable<KvolMount> Below(ByteString directory) =>
        Table.Entries.Where(e => e.Target.IsBelow(directory)).Select(Find).OfType<KvolMount>();

    /// <summary>A mount at or below a directory on which the store itself keeps a volume; null if there is none.</summary>
    public MountEntry? HomeWithin(ByteString directory) =>
        Table.Entries.FirstOrDefault(e => e.Target.IsAtOrBelow(directory) && Shown(e) is { IsHome: true });

    /// <summary>What kvol knows of a row; null when it is foreign.</summary>
    public KvolMount? Find(MountEntry entry)
    {
        if (plan?.Unmounts(entry.Id) == true)
        {
            return null;
        }

        var shown = Shown(entry) is { IsHome: false } found ? found : (ShownVolume?)null;
        var record = RecordOf(entry);
        return shown is null && record is null ? null
            : new KvolMount(entry, shown?.Volume, record) { Snapshot = shown?.Snapshot };
    }

    /// <summary>The mounts that show a volume or a snapshot of it, or lie inside its directory, in all mount namespaces.</summary>
    public IReadOnlyList<VolumeUse> UsesOf(VolumeName name, ByteString? contentPath)
    {
        var uses = Table.Entries
            .Where(e => Shown(e) is var s
                && (s?.Volume == name ? !s.Value.IsHome : contentPath is not null && e.Target.IsAtOrBelow(contentPath)))
            .Select(e => new VolumeUse(e, null) { Snapshot = Shown(e)?.Snapshot }).ToList();
        try
        {
            uses.AddRange(Elsewhere().Concat(InsideElsewhere()).Where(m => m.Shown.Volume == name)
                .Select(m => new VolumeUse(m.Entry, m.Pid) { Snapshot = m.Shown.Snapshot }));
        }
        catch (NativeException e)
        {
            throw Refusals.CannotSee(name.Text, e);
        }

        return uses;
    }

    /// <summary>Parts of a tree that processes use through mounts that were detached from their mount points, and so are in no mount
    /// table.</summary>
    public IReadOnlyList<HeldObject> StraysWithin(Fd top) => ProcessTable.StraysWithin(top, elsewhere.Value);

    /// <summary>The mounts of other mount namespaces that show a volume of the store, each with a process in that namespace. Throws the
    /// kernel's error if a table cannot be read.</summary>
    public IEnumerable<(ShownVolume Shown, MountEntry Entry, int Pid)> Elsewhere()
    {
        foreach (var (pid, table) in elsewhere.Value)
        {
            // A process in another root directory has other paths, so none of them can be compared with the store's.
            var sameRoot = table.At(Root)?.Origin.Equals(Table.At(Root)?.Origin) == true;
            foreach (var entry in table.Entries)
            {
                // Ids are system-wide: an id that is also in our table is our mount.
                if (Shown(entry) is { } found && !(found.IsHome && sameRoot) && Table.Find(entry.Id) is null)
                {
                    yield return (found, entry, pid);
                }
            }
        }
    }

    // Only mounts of other file systems: removing what is below them would remove their mount point. Datasets and snapshots go with their
    // volume.
    private IEnumerable<(ShownVolume Shown, MountEntry Entry, int Pid)> InsideElsewhere() =>
        from other in elsewhere.Value
        from entry in other.Table.Entries
        where entry.Dataset is null && Table.Find(entry.Id) is null && Shown(entry) is null
        let parent = other.Table.Find(entry.ParentId)
        where parent is not null && entry.Target.IsBelow(parent.Target)
        let place = parent with { Origin = MountTable.OriginOf(parent, entry.Target) }
        let found = Shown(place)
        where found is not null
        select (found.Value, entry, other.Pid);

    private ShownVolume? Shown(MountEntry entry) => shown.Value(entry);

    private RunRecord? RecordOf(MountEntry entry)
    {
        if (records.Find(entry, Table, movedFrom) is not { } record)
        {
            records.Add(others?.Invoke(entry) ?? []);
            return records.Find(entry, Table, movedFrom);
        }

        return record;
    }
}
