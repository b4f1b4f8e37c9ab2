using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A mount of kvol's, with what is known of it.</summary>
internal sealed record KvolMount(MountEntry Entry, VolumeName? Volume, RunRecord? Record);

/// <summary>The mount table, read once, and which of its rows are kvol's: those that show something in the store's volumes, and those that a run
/// record of this boot knows.</summary>
internal sealed class KvolMounts
{
    private static readonly ByteString Root = new("/");

    private readonly Func<MountEntry, ShownVolume?> shown;
    private readonly Dictionary<ulong, RunRecord> records = [];
    private readonly Dictionary<(string Target, string Origin), RunRecord> planned = [];
    private readonly Lazy<IReadOnlyList<NamespaceMounts>> elsewhere = new(ProcessTable.OtherMountTables);
    private Func<IEnumerable<RunRecord>>? others;

    /// <summary>Reads the table. <paramref name="others"/> are more records, asked for only when the first ones do not know a row.</summary>
    public KvolMounts(IVolumeStore? store, IEnumerable<RunRecord> records, Func<IEnumerable<RunRecord>>? others = null)
    {
        Table = MountTable.Read();
        shown = store?.Classifier(Table) ?? (_ => null);
        this.others = others;
        Add(records);
    }

    public MountTable Table { get; }

    /// <summary>All of kvol's mounts, in the order they were made on top of each other.</summary>
    public IEnumerable<KvolMount> All => Table.Entries.Select(Find).OfType<KvolMount>();

    /// <summary>Those below a directory, in the same order.</summary>
    public IEnumerable<KvolMount> Below(ByteString directory) => Table.Entries.Where(e => e.Target.IsBelow(directory)).Select(Find).OfType<KvolMount>();

    /// <summary>What kvol knows of a row; null when it is foreign.</summary>
    public KvolMount? Find(MountEntry entry)
    {
        var volume = shown(entry) is { IsHome: false } found ? found.Volume : null;
        var record = RecordOf(entry);
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
            foreach (var (_, table) in elsewhere.Value)
            {
                // Paths of a process in another root directory are not ours, so that none of them is where the store keeps a volume.
                var sameRoot = table.At(Root)?.Origin.Equals(Table.At(Root)?.Origin) == true;

                // Ids are of the whole system: one that is in our table is our mount.
                uses.AddRange(table.Entries.Where(e => shown(e) is { } s && s.Volume == name && !(s.IsHome && sameRoot) && Table.Find(e.Id) is null).Select(e => (e, true)));
            }
        }
        catch (NativeException e)
        {
            throw CannotSee(name.Text, e);
        }

        return uses;
    }

    /// <summary>The error (75) where the mount table of another namespace cannot be read.</summary>
    public static KvolException CannotSee(string subject, NativeException e) =>
        new(ExitStatus.Busy, subject, $"cannot see whether another mount namespace uses it ({e.Subject}: {e.Reason}); run kvol as root of the host, or end that process");

    /// <summary>How a use is named in a message.</summary>
    public static string Describe(IEnumerable<(MountEntry Entry, bool Elsewhere)> uses) =>
        string.Join(", ", uses.Select(u => u.Entry.Target + (u.Elsewhere ? " (in another mount namespace)" : "")).Distinct());

    private void Add(IEnumerable<RunRecord> more)
    {
        foreach (var record in more)
        {
            if (record.Id == RunRecord.Planned)
            {
                planned.TryAdd((record.Target, record.Origin), record);
            }
            else
            {
                records.TryAdd(record.Id, record);
            }
        }
    }

    private RunRecord? RecordOf(MountEntry entry)
    {
        var record = Known(entry);
        if (record is null && others is not null)
        {
            Add(others());
            others = null;
            record = Known(entry);
        }

        return record;
    }

    private RunRecord? Known(MountEntry entry)
    {
        // Mount ids are used again after an unmount, so the source must be the recorded one; the place may have been renamed.
        if (records.TryGetValue(entry.Id, out var record) && entry.Origin.Is(record.Origin))
        {
            return record;
        }

        // A mount that was being made when kvol was killed.
        return planned.Count > 0 && planned.TryGetValue((entry.Target.ToString(), entry.Origin.ToString()), out var plan)
            ? plan with { Id = entry.Id, Inner = plan.Recursive ? [.. Table.Entries.Where(e => e.Target.IsBelow(entry.Target)).Select(e => e.Id)] : [] }
            : null;
    }
}
