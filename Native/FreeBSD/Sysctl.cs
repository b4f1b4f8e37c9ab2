using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What the kernel tells by sysctl(3).</summary>
internal static unsafe class Sysctl
{
    // CTL_MAXNAME of sys/sysctl.h; the nodes used here are three deep.
    private static int[] Mib(string name, params ReadOnlySpan<int> more)
    {
        Span<int> numbers = stackalloc int[24];
        var length = (nuint)numbers.Length;
        fixed (byte* n = new ByteString(name).Terminated)
        fixed (int* m = numbers)
        {
            return Libc.sysctlnametomib(n, m, &length) < 0 ? [] : [.. numbers[..(int)length], .. more];
        }
    }

    /// <summary>The value of a node, given its name and the numbers that follow it; null when it cannot be read.</summary>
    public static byte[]? Read(string name, params ReadOnlySpan<int> more)
    {
        var mib = Mib(name, more);
        if (mib.Length == 0)
        {
            return null;
        }

        fixed (int* m = mib)
        {
            nuint length = 0;
            if (Libc.sysctl(m, (uint)mib.Length, null, &length, null, 0) < 0)
            {
                return null;
            }

            while (true)
            {
                // Slack, because a table may grow between the two calls.
                var value = new byte[(length * 4 / 3) + 4096];
                length = (nuint)value.Length;
                fixed (byte* v = value)
                {
                    if (Libc.sysctl(m, (uint)mib.Length, v, &length, null, 0) == 0)
                    {
                        return value[..(int)length];
                    }
                }

                if (Marshal.GetLastPInvokeError() != Errno.ENOMEM)
                {
                    return null;
                }

                length = (nuint)value.Length * 2;
            }
        }
    }

    /// <summary>The path of an open descriptor of this process by kern.proc.filedesc; null when the kernel does not know one.</summary>
    public static ByteString? PathOf(Fd fd)
    {
        foreach (var (number, path) in Descriptors(ProcessTable.Self))
        {
            if (number == fd.Number)
            {
                return path.Length == 0 ? null : path;
            }
        }

        return null;
    }

    /// <summary>The open descriptors of a process with their paths, empty where the kernel knows none, by kern.proc.filedesc. Negative
    /// numbers stand for its working directory, root directory and program. Nothing for a process that has ended.</summary>
    public static List<(int Number, ByteString Path)> Descriptors(int pid)
    {
        var found = new List<(int, ByteString)>();
        var records = Read("kern.proc.filedesc", pid) ?? [];
        fixed (byte* r = records)
        {
            for (var at = 0; at + sizeof(int) <= records.Length;)
            {
                var record = (Libc.KinfoFile*)(r + at);
                var path = (int)(record->kf_path - (byte*)record);
                var size = record->kf_structsize;
                if (size <= path || at + size > records.Length)
                {
                    break;
                }

                found.Add((record->kf_fd, FileSystem.Text(record->kf_path, size - path)));
                at += size;
            }
        }

        return found;
    }

    /// <summary>The numbers of all processes, kern.proc.proc.</summary>
    public static List<int> Processes()
    {
        var pids = new List<int>();
        var records = Read("kern.proc.proc") ?? [];
        fixed (byte* r = records)
        {
            for (var at = 0; at + sizeof(Libc.KinfoProc) <= records.Length;)
            {
                var record = (Libc.KinfoProc*)(r + at);
                if (record->ki_structsize != sizeof(Libc.KinfoProc))
                {
                    break; // another release's record: better no answer than a wrong one
                }

                pids.Add(record->ki_pid);
                at += record->ki_structsize;
            }
        }

        return pids;
    }
}
