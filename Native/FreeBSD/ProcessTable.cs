using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <content>By sysctl(3).</content>
internal static partial class ProcessTable
{
    /// <summary>A short name for people: the last component of kern.proc.pathname, sysctl(3).</summary>
    public static string NameOf(int pid)
    {
        var path = (Sysctl.Read("kern.proc.pathname", pid) ?? []).AsSpan().TrimEnd((byte)0);
        return path.IsEmpty ? "?" : ByteString.Display(path[(path.LastIndexOf((byte)'/') + 1)..]);
    }

    /// <summary>Processes with a working directory, root, program or open file at or below a path, as fstat(1) and procstat(1) find them:
    /// by kern.proc.filedesc of each.</summary>
    public static IEnumerable<int> HoldersOf(ByteString path) =>
        Sysctl.Processes().Where(pid => pid != Self && Sysctl.Descriptors(pid).Any(d => d.Path.IsAtOrBelow(path)));

    /// <summary>None: there is one mount table, getfsstat(2), and a jail sees a part of it.</summary>
    public static IReadOnlyList<NamespaceMounts> OtherMountTables() => [];

    /// <summary>What processes hold in the tree at the open directory <paramref name="top"/>, by kern.proc.filedesc of each: at most one
    /// object for each process.</summary>
    public static IReadOnlyList<HeldObject> HeldWithin(Fd top)
    {
        var path = Files.PathOf(top);
        var found = new List<HeldObject>();
        foreach (var pid in Sysctl.Processes().Where(p => p != Self))
        {
            if (Sysctl.Descriptors(pid).Find(d => d.Path.IsAtOrBelow(path)) is { Path: not null } held)
            {
                found.Add(new HeldObject(pid, Place(held.Number)));
            }
        }

        return found;
    }

    /// <summary>Nothing: after unmount(2), no process can use the objects of a mount any more.</summary>
    public static IReadOnlyList<HeldObject> StraysWithin(Fd top, IReadOnlyList<NamespaceMounts> tables) => [];

    // KF_FD_TYPE_CWD and KF_FD_TYPE_ROOT, sys/user.h; the other negative numbers are programs and terminals.
    private static string Place(int number) => number switch
    {
        -1 => "cwd",
        -2 => "root",
        < 0 => "program",
        _ => $"descriptor {number}",
    };
}
