using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Kvol.Native;

/// <summary>Other processes: kill(2), sysctl(3).</summary>
internal static class ProcessTable
{
    /// <summary>The number of this process, getpid(2).</summary>
    public static int Self => Libc.getpid();

    /// <summary>kill(2) with signal 0.</summary>
    public static bool IsAlive(int pid) => Libc.kill(pid, 0) == 0;

    /// <summary>A short name for people: the last component of kern.proc.pathname, sysctl(3).</summary>
    public static string NameOf(int pid)
    {
        var path = (Sysctl.Read("kern.proc.pathname"u8, pid) ?? []).AsSpan().TrimEnd((byte)0);
        return path.IsEmpty ? "?" : ByteString.Display(path[(path.LastIndexOf((byte)'/') + 1)..]);
    }

    /// <summary>Processes with a working directory, root, program or open file at or below a path, as fstat(1) and procstat(1) find them: by
    /// kern.proc.filedesc of each.</summary>
    public static IEnumerable<int> HoldersOf(ByteString path) =>
        Sysctl.Processes().Where(pid => pid != Self && Sysctl.Descriptors(pid).Any(d => d.Path.IsAtOrBelow(path)));

    /// <summary>None: there is one mount table, getfsstat(2), and a jail sees a part of it.</summary>
    public static IReadOnlyList<NamespaceMounts> OtherMountTables() => [];

    /// <summary>A process for people: its number and name.</summary>
    public static string Describe(int pid) => $"pid {pid} ({NameOf(pid)})";
}
