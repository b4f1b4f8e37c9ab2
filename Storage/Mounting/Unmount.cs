using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounting;

/// <summary>Undoes single mounts, and says who keeps one busy.</summary>
internal static class Unmount
{
    private const int Attempts = 100;

    /// <summary>Unmounts exactly this mount: its place is opened without following links, and what is mounted there is compared first.
    /// False when it is not there any more.</summary>
    public static bool One(MountEntry entry, bool force)
    {
        // A jail may rename the directories on the way: look where the mount is now, again and again.
        for (var attempt = 0; ; attempt++)
        {
            if (MountTable.Read().Find(entry.Id) is not { } current)
            {
                return false;
            }

            try
            {
                AtItsPlace(current, force);
                return true;
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop or Failure.Invalid)
            {
                if (attempt == Attempts)
                {
                    throw new KvolException(ExitStatus.Busy, current.Target.ToString(), "its place changes all the time; try again when nothing renames it");
                }
            }
        }
    }

    private static void AtItsPlace(MountEntry entry, bool force)
    {
        var path = entry.Target.ToString();
        var bytes = entry.Target.Bytes;
        var slash = bytes.LastIndexOf((byte)'/');
        var name = new ByteString(bytes[(slash + 1)..]);
        using var parent = RootedPath.OpenResolved(slash == 0 ? new ByteString("/") : new ByteString(bytes[..slash]));
        var there = Files.Status(parent, name);
        if (there.MountId != entry.Id)
        {
            throw MountTable.Read().At(entry.Target) is { } top && top.Id != entry.Id
                ? new KvolException(ExitStatus.Busy, path, "another mount lies on top of it; unmount that one first")
                : new NativeException("unmount", path, Errno.ENOENT);
        }

        try
        {
            Mounts.Unmount(parent, name, force);
        }
        catch (NativeException e) when (e.Failure == Failure.Busy)
        {
            throw new KvolException(ExitStatus.Busy, path, $"is busy{Holders(entry)}");
        }
    }

    private static string Holders(MountEntry entry)
    {
        var above = MountTable.Read().Entries.Where(e => e.Target.IsBelow(entry.Target)).Select(e => e.Target.ToString()).ToArray();
        var holders = ProcessTable.HoldersOf(entry.Target).Take(5).Select(p => $"pid {p} ({ProcessTable.NameOf(p)})").ToArray();
        IEnumerable<string> reasons = [.. above.Length > 0 ? [$"mounted inside: {string.Join(", ", above)}"] : (string[])[], .. holders.Length > 0 ? [$"held by {string.Join(", ", holders)}"] : (string[])[]];
        return reasons.Any() ? $"; {string.Join("; ", reasons)}" : "";
    }
}
