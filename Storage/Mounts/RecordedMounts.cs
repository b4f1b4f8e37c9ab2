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

    /// <summary>The record of a row of <paramref name="table"/>; null when there is none. A root directory may have been renamed since, so
    /// the place need not be the recorded one.</summary>
    public RunRecord? Find(MountEntry entry, MountTable table)
    {
        if (records.TryGetValue(entry.Id, out var same))
        {
            var fitting = same.Where(r => entry.Origin.Is(r.Origin)).ToArray();
            if (fitting.Length > 0)
            {
                return fitting.FirstOrDefault(r => r.IsOf(entry)) ?? fitting[0];
            }
        }

        // A mount that was being made when kvol was killed.
        return planned.Count > 0 && planned.TryGetValue((entry.Target.ToString(), entry.Origin.ToString()), out var plan)
            ? plan with { Id = entry.Id, Inner = plan.Recursive
                ? [.. table.Entries.Where(e => e.Target.IsBelow(entry.Target)).Select(e => e.Id)] : [] }
            : null;
    }
}
