using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Records of mounts, found by a row of the mount table. Linux gives the id of a mount that is gone to the next one, so records
/// that a crash left may have the id of a mount that lives: the row's source decides, and then its place.</summary>
internal sealed class RecordedMounts
{
    private readonly Dictionary<ulong, List<RunRecord>> records = [];
    private readonly Dictionary<(string Target, string Origin), RunRecord> planned = [];

    /// <summary>Adds records; of two that fit a row equally well the one that was added first is found.</summary>
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

    /// <summary>The record of a row of <paramref name="table"/>; null when there is none. What it shows must be as it was recorded, and
    /// where it is too: another mount with a used id is somebody else's, who may have bound the same source. Only the kernel's unique id
    /// shows that a jail moved the place. Of a root directory that was at <paramref name="movedFrom"/> and may be elsewhere now the place
    /// below it must be the same.</summary>
    public RunRecord? Find(MountEntry entry, MountTable table, string? movedFrom = null)
    {
        if (records.TryGetValue(entry.Id, out var same) && same.Find(r =>
            entry.Origin.Is(r.Origin) && (r.IsOf(entry) || IsVery(r, entry) || IsBelowMoved(r, entry, movedFrom))) is { } record)
        {
            return record;
        }

        // A mount that was being made when kvol was killed.
        return planned.Count > 0 && planned.TryGetValue((entry.Target.ToString(), entry.Origin.ToString()), out var plan)
            ? plan with { Id = entry.Id, Inner = plan.Recursive
                ? [.. table.Entries.Where(e => e.Target.IsBelow(entry.Target))
                    .Select(e => new InnerMount(e.Id, e.Origin.ToString()))] : [] }
            : null;
    }

    private static bool IsVery(RunRecord record, MountEntry entry) =>
        record.UniqueId != 0 && MountState.IsMount(record.UniqueId, entry.Id);

    private static bool IsBelowMoved(RunRecord record, MountEntry entry, string? movedFrom) =>
        movedFrom is not null && record.Target.StartsWith(movedFrom + "/", StringComparison.Ordinal)
        && entry.Target.Bytes.EndsWith(new ByteString(record.Target[movedFrom.Length..]).Bytes);
}
