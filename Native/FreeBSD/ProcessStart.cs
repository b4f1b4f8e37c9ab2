namespace Kvol.Native;

/// <summary>Which process a number means: kern.proc.pid of sysctl(3).</summary>
internal static unsafe class ProcessStart
{
    /// <summary>The process that started this one, getppid(2).</summary>
    public static int Parent => Libc.getppid();

    /// <summary>When it was started, in microseconds since the epoch (ki_start of struct kinfo_proc, sys/user.h): pids are reused, but a
    /// pid and its start time identify one process. Null when there is no such process, or only its exit status is left.</summary>
    public static ulong? Of(int pid)
    {
        var record = Sysctl.Read("kern.proc.pid", pid) ?? [];
        fixed (byte* r = record)
        {
            var process = (Libc.KinfoProc*)r;
            return record.Length < sizeof(Libc.KinfoProc) || process->ki_structsize != sizeof(Libc.KinfoProc)
                || process->ki_stat == Libc.SZOMB ? null
                : ((ulong)process->ki_start.tv_sec * 1_000_000) + (ulong)process->ki_start.tv_usec;
        }
    }
}
