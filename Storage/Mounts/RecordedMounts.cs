using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Finds the record of a row of the mount table. Linux reuses the id of an unmounted mount, so a record that a crash left may have
/// the id of a new mount: the source decides, and then the path.</summary>
internal sealed class RecordedMounts
{
    private readonly Dictionary<ulong, List<RunRecord>> records = [];
    private readonly Dictionary<(string Target, string Origin), RunRecord> planned = [];

    /// <summary>Adds records; if two fit a row equally well, the one added first is found.</summary>
    public void Add(IEnumerable<RunRecord> more)
    {
        foreach (var record in more)
        {
            if (record.Id == RunRecord.Planned)
            {
                planned.TryAdd((record.Target, record.Origin), record);
            }
            else if (records.TryGetValue(record.Id, out var same))
            {
                same.Add(record);
            }
            else
            {
                records.Add(record.Id, [record]);
            }
        }
    }

    /// <summary>The record of a row of <paramref name="table"/>, or null. Source and path must be as recorded, because another program's
    /// mount may have reused the id and may even show the same source. Only the kernel's unique id proves that a jail moved the mount. If
    /// the root directory was at <paramref name="movedFrom"/> and may have moved, only the path below it must be the same.</summary>
    public RunRecord? Find(MountEntry entry, MountTable table, string? movedFrom = null)
    {
        if (records.TryGetValue(entry.Id, out var same) && same.Find(r =>
            entry.Origin.Is(r.Origin) && IsOfType(r, entry) && (r.IsOf(entry) || IsVery(r, entry) || IsBelowMoved(r, entry, movedFrom)))
            is { } record)
        {
            return record;
        }

        // A mount that kvol was making when it was killed.
        return planned.Count > 0 && planned.TryGetValue((entry.Target.ToString(), entry.Origin.ToString()), out var plan)
            && IsOfType(plan, entry)
            ? plan with
            {
                Id = entry.Id,
                Inner = plan.Recursive
                ? [.. table.Entries.Where(e => e.Target.IsBelow(entry.Target))
                    .Select(e => new InnerMount(e.Id, e.Origin.ToString()))] : []
            }
            : null;
    }

    // A new file system, such as tmpfs(5), has no source: its Origin is a number, or a place, that another one of that place may get after
    // it. Unmounting that would lose what it holds.
    private static bool IsOfType(RunRecord record, MountEntry entry) => !record.IsNewFileSystem
        || (entry.FileSystem == record.Type && (record.UniqueId == 0
            || (entry.UniqueId != 0 ? entry.UniqueId == record.UniqueId
                : !MountTable.Find(record.UniqueId, out var row) || row?.Id == entry.Id)));

    private static bool IsVery(RunRecord record, MountEntry entry) =>
        record.UniqueId != 0 && MountState.IsMount(record.UniqueId, entry.Id);

    private static bool IsBelowMoved(RunRecord record, MountEntry entry, string? movedFrom) =>
        movedFrom is not null && record.Below(movedFrom) is { } place && entry.Target.Bytes.EndsWith(new ByteString(place).Bytes);
}
