using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What uses a directory of the host, in all mount namespaces.</summary>
internal static class TreeUses
{
    /// <summary>Throws an error (75) that names the processes that have their working or root directory, or an open file, in the
    /// tree.</summary>
    public static void RequireUnheld(Fd top, string subject)
    {
        if (ProcessTable.HeldWithin(top) is { Count: > 0 } held)
        {
            var holders = string.Join(", ", held.Take(VolumeUse.MostNamed).Select(h => $"{ProcessTable.Describe(h.Pid)} by its {h.Place}"))
                + (held.Count > VolumeUse.MostNamed ? $" and {held.Count - VolumeUse.MostNamed} more" : "");
            throw new KvolException(ExitStatus.Busy, subject, $"is used by {holders}; end that process first: kill {held[0].Pid}");
        }
    }

    /// <summary>Throws an error (75) that lists the mounts that show the tree or a part of it, or that lie in it.</summary>
    public static void RequireUnmounted(Fd top, string subject)
    {
        var path = Files.PathOf(top);
        var table = MountTable.Read();
        var origin = table.OriginOf(top);
        var uses = table.Entries.Where(e => e.Origin.IsAtOrBelow(origin) || e.Target.IsAtOrBelow(path))
            .Select(e => new VolumeUse(e, null)).ToList();
        try
        {
            uses.AddRange(
                from other in ProcessTable.OtherMountTables()
                from entry in other.Table.Entries
                where table.Find(entry.Id) is null && IsIn(other.Table, entry, origin)
                select new VolumeUse(entry, other.Pid));
        }
        catch (NativeException e)
        {
            throw Refusals.CannotSee(subject, e);
        }

        if (uses.Count > 0)
        {
            throw Refusals.InUse(subject,
                uses.Exists(u => u.Pid is null && !u.Entry.Target.IsAtOrBelow(path)) ? "is mounted" : "something is mounted in it,", uses);
        }
    }

    // A mount of another namespace lies in the directory if the mount below it shows that place.
    private static bool IsIn(MountTable table, MountEntry entry, ByteString origin) => entry.Origin.IsAtOrBelow(origin)
        || (table.Find(entry.ParentId) is { } parent && entry.Target.IsBelow(parent.Target)
            && MountTable.OriginOf(parent, entry.Target).IsAtOrBelow(origin));
}
