using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The result of an attempt to unmount.</summary>
internal enum UnmountOutcome
{
    Done, Gone, Busy,
}

/// <summary>Undoes single mounts, and names the processes that keep one busy.</summary>
internal static class Unmounting
{
    private const int Attempts = 100;

    /// <summary>The directory that contains every mount, for a search without restriction.</summary>
    public static readonly ByteString Anywhere = new("/");

    /// <summary>Unmounts exactly this mount, or throws an error (75) that names what keeps it busy. <paramref name="within"/> as for
    /// <see cref="Again(MountTable, ulong, ByteString, ByteString)"/>; <paramref name="plan"/> is that of a dry run, or null.</summary>
    public static void One(MountEntry entry, ByteString within, bool force, Plan? plan)
    {
        if (plan is not null)
        {
            _ = Try(entry, within, force, plan) == UnmountOutcome.Busy ? throw BusyError(entry) : 0;
            return;
        }

        var before = KernelMounts.UnmountsByPlace ? MountTable.Read() : null;
        var outcome = Try(entry, within, force, null);
        if (outcome == UnmountOutcome.Busy)
        {
            throw BusyError(entry);
        }

        if (outcome == UnmountOutcome.Done && before is not null
            && Exchanged(before, MountTable.Read(), entry, within, [entry]) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Finds a mount in a later table, even after a move; null when it is gone. Linux reuses the id of a removed mount, and
    /// another command may have made the next mount of the same source for another root directory. So the mount must be
    /// <paramref name="within"/> the directory whose lock is held; <see cref="Anywhere"/> is allowed when the lock of the source is
    /// held.</summary>
    public static MountEntry? Again(MountTable table, ulong id, ByteString origin, ByteString within) =>
        table.Find(id) is { } now && (!KernelMounts.ReusesIds || (now.Origin.Equals(origin) && now.Target.IsBelow(within))) ? now : null;

    /// <inheritdoc cref="Again(MountTable, ulong, ByteString, ByteString)"/>
    public static MountEntry? Again(MountTable table, MountEntry entry, ByteString within) => Again(table, entry.Id, entry.Origin, within);

    /// <summary>The error (75) when another mount was unmounted instead of this one, because another process exchanged their
    /// directories; null when the right one is gone. <paramref name="wanted"/> are all mounts that should be unmounted.</summary>
    public static KvolException? Exchanged(MountTable before, MountTable after, MountEntry entry, ByteString within,
        IReadOnlyCollection<MountEntry> wanted)
    {
        if (Again(after, entry, within) is not { } still)
        {
            return null;
        }

        var gone = before.Entries.Where(e => after.Find(e.Id) is null && wanted.All(w => w.Id != e.Id))
            .Select(e => $"{MountTable.SourceOf(e)} on {e.Target}").ToArray();
        return new KvolException(
            ExitStatus.Busy, still.Target.ToString(), gone.Length == 0
                ? "was moved while it was being unmounted, and is still mounted; try again"
                : $"was exchanged while it was being unmounted: {string.Join(", ", gone)} was unmounted in its place; mount that again, "
                    + "and try again");
    }

    /// <summary>Unmounts exactly this mount. <paramref name="within"/> as for <see cref="Again(MountTable, ulong, ByteString,
    /// ByteString)"/>; <paramref name="plan"/> is that of a dry run, or null.</summary>
    public static UnmountOutcome Try(MountEntry entry, ByteString within, bool force, Plan? plan)
    {
        if (plan is not null)
        {
            return Announce(plan, entry, force);
        }

        // A jail may rename the directories on the way, so look up the mount's current path before each attempt.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                KernelMounts.Unmount(entry, force);
                return UnmountOutcome.Done;
            }
            catch (NativeException e) when (e.Failure == Failure.Busy)
            {
                return UnmountOutcome.Busy;
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop or Failure.Invalid)
            {
                var table = MountTable.Read();
                if (Again(table, entry, within) is not { } current)
                {
                    return UnmountOutcome.Gone;
                }

                if ((table.At(entry.Target) is { } top && top.Id != entry.Id && current.Target.Equals(entry.Target))
                    || table.CoverOf(current) is not null)
                {
                    return UnmountOutcome.Busy; // another mount lies on top, or over the way there
                }

                entry = current;
                if (attempt == Attempts)
                {
                    throw new KvolException(ExitStatus.Busy, entry.Target.ToString(), "it is renamed again and again; try again");
                }
            }
        }
    }

    // What the kernel would find busy, as far as it can be seen: mounts on or in it, and the processes that hold it.
    private static UnmountOutcome Announce(Plan plan, MountEntry entry, bool force)
    {
        var table = MountTable.Read();
        if (table.Find(entry.Id) is not { } now)
        {
            return UnmountOutcome.Gone;
        }

        if (table.Entries.Any(e => e.Id != entry.Id && !plan.Unmounts(e.Id) && (e.ParentId == entry.Id || IsOver(e)))
            || (!force && ProcessTable.HoldersOf(now.Target).Any()))
        {
            return UnmountOutcome.Busy;
        }

        plan.Unmount(now, force);
        return UnmountOutcome.Done;

        bool IsOver(MountEntry other) => table.CoverOf(now)?.Id == other.Id;
    }

    /// <summary>The error (75) of a mount that is busy: what is mounted on or in it, and the processes that hold it.</summary>
    public static KvolException BusyError(MountEntry entry)
    {
        var table = MountTable.Read();
        if (table.CoverOf(table.Find(entry.Id) ?? entry) is { } cover)
        {
            return new KvolException(
                ExitStatus.Busy, entry.Target.ToString(),
                    $"is covered by another mount on {cover.Target} ({cover.FileSystem}); unmount that first: umount {Shown.Quoted(
                    cover.Target.Text)}");
        }

        var above = table.Entries.Where(e => e.Target.IsBelow(entry.Target)).Select(e => e.Target.ToString()).ToArray();
        var holders = ProcessTable.HoldersOf(entry.Target).Take(5).Select(p => $"pid {p} ({ProcessTable.NameOf(p)})").ToArray();
        var reasons = new List<string> { "is busy" };
        if (table.At(entry.Target) is { } top && top.Id != entry.Id)
        {
            reasons.Add("another mount lies on top of it");
        }

        if (above.Length > 0)
        {
            reasons.Add($"mounted inside: {string.Join(", ", above)}");
        }

        if (holders.Length > 0)
        {
            reasons.Add($"held by {string.Join(", ", holders)}");
        }

        return new KvolException(ExitStatus.Busy, entry.Target.ToString(), string.Join("; ", reasons) + "; try again when it is free");
    }
}
