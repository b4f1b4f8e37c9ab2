using System;

namespace Kvol.Native;

/// <summary>Which process a number means: kern.proc.pid of sysctl(3).</summary>
internal static class ProcessStart
{
    /// <summary>The process that started this one, getppid(2).</summary>
    public static int Parent => Libc.getppid();

    /// <summary>When it was started, in microseconds since the epoch (ki_start of struct kinfo_proc, sys/user.h): numbers are used again, a
    /// number with its start is not. Null when there is no such process, or only its exit status is left.</summary>
    public static ulong? Of(int pid)
    {
        var record = Sysctl.Read(Libc.CTL_KERN, Libc.KERN_PROC, Libc.KERN_PROC_PID, pid);
        return record is null || record.Length < Libc.KINFO_PROC_SIZE || BitConverter.ToInt32(record, Libc.KI_STRUCTSIZE) != Libc.KINFO_PROC_SIZE
            || record[Libc.KI_STAT] == Libc.SZOMB ? null
            : ((ulong)BitConverter.ToInt64(record, Libc.KI_START) * 1_000_000) + (ulong)BitConverter.ToInt64(record, Libc.KI_START + 8);
    }
}
