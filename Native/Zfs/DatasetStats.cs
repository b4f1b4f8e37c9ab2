using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>dmu_objset_type_t, include/sys/fs/zfs.h.</summary>
internal enum DatasetType
{
    None = 0, Meta = 1, FileSystem = 2, Volume = 3,
}

/// <summary>A dataset or snapshot as ZFS_IOC_OBJSET_STATS reports it.</summary>
/// <param name="Guid">Identifies the dataset as long as it exists, whatever its name and pool.</param>
/// <param name="CreationTxg">The transaction group it was made in; orders the snapshots of a dataset.</param>
/// <param name="Clones">Of a snapshot: how many clones depend on it.</param>
/// <param name="IsPartial">Whether it is being received, or its receive was interrupted and the received part was kept. Its content cannot
/// be seen.</param>
/// <param name="Properties">Properties that were set here or inherited: name to {value, source}.</param>
internal sealed record DatasetStats(string Name, DatasetType Type, ulong Guid, ulong CreationTxg, ulong Clones, bool IsPartial,
    PackedList Properties)
{
    // ZPROP_VALUE and ZPROP_SOURCE, ZPROP_SOURCE_VAL_RECVD, include/sys/fs/zfs.h
    private const string Value = "value", Source = "source", Received = "$recvd";

    /// <summary>A number, with the dataset that it was set on; null where it has its default.</summary>
    public ulong? Number(string property) => Properties.Number(property, Value);

    /// <summary>A text; null where it has its default.</summary>
    public string? Text(string property) => Properties.Text(property, Value);

    /// <summary>The dataset that a property was set on: this one for a received value; null where it has its default.</summary>
    public string? SourceOf(string property) => Properties.Text(property, Source) is { } source ? source == Received ? Name : source : null;

    /// <summary>A user property that was set or received here; inherited ones do not count.</summary>
    public string? Own(string property) => SourceOf(property) == Name ? Text(property) : null;

    /// <summary>A user property that was set here; neither inherited nor received ones count.</summary>
    public string? Local(string property) => Properties.Text(property, Source) == Name ? Text(property) : null;

    /// <summary>Of a snapshot: the names of the clones that depend on it.</summary>
    public IEnumerable<string> CloneNames => Properties.Inner("clones")?.Inner(Value)?.Names() ?? [];
}
