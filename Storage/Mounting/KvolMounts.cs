using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Mounting;

/// <summary>A mount of kvol's, with what is known of it.</summary>
internal sealed record KvolMount(MountEntry Entry, VolumeName? Volume, RunRecord? Record);

/// <summary>The mount table, read once, and which of its rows are kvol's: those that show something in the store's volumes, and those that a run
/// record of this boot knows.</summary>
internal sealed class KvolMounts
{
    private readonly Func<MountEntry, ShownVolume?> shown;
    private readonly Dictionary<ulong, RunRecord> records;

    public KvolMounts(IVolumeStore? store, IEnumerable<RunRecord> records)
    {
        Table = MountTable.Read();
        shown = store?.Classifier(Table) ?? (_ => null);
        this.records = [];
        foreach (var record in records)
        {
            this.records[record.Id] = record;
        }
    }

    public MountTable Table { get; }

    /// <summary>All of kvol's mounts, in the order they were made on top of each other.</summary>
    public IEnumerable<KvolMount> All => Table.Entries.Select(Find).OfType<KvolMount>();

    /// <summary>What kvol knows of a row; null when it is foreign.</summary>
    public KvolMount? Find(MountEntry entry)
    {
        // Mount ids are used again after an unmount, so the source must be the recorded one; the place may have been renamed.
        var record = records.GetValueOrDefault(entry.Id);
        record = record is not null && record.Origin == entry.Origin.ToString() ? record : null;
        var volume = shown(entry) is { IsHome: false } found ? found.Volume : null;
        return volume is not null || record is not null ? new KvolMount(entry, volume, record) : null;
    }

    /// <summary>The mounts that show a volume, or are made inside its directory; those of other mount namespaces too.</summary>
    public IReadOnlyList<(MountEntry Entry, bool Elsewhere)> UsesOf(VolumeName name, ByteString? contentPath)
    {
        var uses = Table.Entries
            .Where(e => shown(e) is var s && (s?.Volume == name ? !s.Value.IsHome : contentPath is not null && e.Target.IsAtOrBelow(contentPath)))
            .Select(e => (e, false)).ToList();
        try
        {
            foreach (var table in ProcessTable.OtherMountTables())
            {
                // Ids are of the whole system: one that is in our table is our mount.
                uses.AddRange(table.Entries.Where(e => shown(e) is { IsHome: false } s && s.Volume == name && Table.Find(e.Id) is null).Select(e => (e, true)));
            }
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"cannot see whether another mount namespace uses it ({e.Subject}: {e.Reason})");
        }

        return uses;
    }

    /// <summary>How a use is named in a message.</summary>
    public static string Describe(IEnumerable<(MountEntry Entry, bool Elsewhere)> uses) =>
        string.Join(", ", uses.Select(u => u.Entry.Target + (u.Elsewhere ? " (in another mount namespace)" : "")).Distinct());
}
