using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>What became of the attempt to undo a mount.</summary>
internal enum UnmountOutcome
{
    Done, Gone, Busy,
}

/// <summary>Undoes single mounts, and says who keeps one busy.</summary>
internal static class Unmounting
{
    private const int Attempts = 100;

    /// <summary>Unmounts exactly this mount, or throws an error (75) that says who keeps it busy.</summary>
    public static void One(MountEntry entry, bool force)
    {
        if (Try(entry, force) == UnmountOutcome.Busy)
        {
            throw BusyError(entry);
        }
    }

    /// <summary>Unmounts exactly this mount.</summary>
    public static UnmountOutcome Try(MountEntry entry, bool force)
    {
        // A jail may rename the directories on the way: look where the mount is now, again and again.
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
                if (table.Find(entry.Id) is not { } current)
                {
                    return UnmountOutcome.Gone;
                }

                if (table.At(entry.Target) is { } top && top.Id != entry.Id && current.Target.Equals(entry.Target))
                {
                    return UnmountOutcome.Busy; // it lies on top
                }

                entry = current;
                if (attempt == Attempts)
                {
                    throw new KvolException(ExitStatus.Busy, entry.Target.ToString(), "its place changes all the time; try again when nothing renames it");
                }
            }
        }
    }

    /// <summary>The error (75) of a mount that is busy: what is mounted on or in it, and the processes that hold it.</summary>
    public static KvolException BusyError(MountEntry entry)
    {
        var table = MountTable.Read();
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

        return new KvolException(ExitStatus.Busy, entry.Target.ToString(), string.Join("; ", reasons));
    }
}
