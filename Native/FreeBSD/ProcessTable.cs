using System;
using System.Collections.Generic;
using System.IO;

namespace Kvol.Native;

/// <summary>Other processes: kill(2), sysctl(3).</summary>
internal static class ProcessTable
{
    /// <summary>The number of this process, getpid(2).</summary>
    public static int Self => Environment.ProcessId;

    /// <summary>kill(2) with signal 0.</summary>
    public static bool IsAlive(int pid) => Libc.kill(pid, 0) == 0;

    /// <summary>A short name for people: the last component of kern.proc.pathname, sysctl(3).</summary>
    public static string NameOf(int pid)
    {
        var path = (Sysctl.Read(Libc.CTL_KERN, Libc.KERN_PROC, Libc.KERN_PROC_PATHNAME, pid) ?? []).AsSpan().TrimEnd((byte)0);
        return path.IsEmpty ? "?" : ByteString.Display(path[(path.LastIndexOf((byte)'/') + 1)..]);
    }

    /// <summary>Nothing: fstat(1) reads every process's table by kern.proc of sysctl(3), whose records change with the release, and the answer
    /// only adds to a message that stands without it.</summary>
    public static IEnumerable<int> HoldersOf(ByteString path)
    {
        _ = path;
        return [];
    }

    /// <summary>None: there is one mount table, getfsstat(2), and a jail sees a part of it.</summary>
    public static IEnumerable<MountTable> OtherMountTables() => [];

    /// <summary>A whole small file, however often it must be read for its size.</summary>
    public static byte[] ReadFile(ByteString path)
    {
        using var file = Files.OpenRead(path);
        return ReadAll(file);
    }

    /// <inheritdoc cref="ReadFile"/>
    public static byte[] ReadAll(Fd file)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[32 * 1024];
        for (int n; (n = Content.Read(file, buffer)) > 0;)
        {
            whole.Write(buffer, 0, n);
        }

        return whole.ToArray();
    }
}
