using System;

namespace Kvol.Native;

/// <summary>Other processes: what they hold, and the mounts that they see.</summary>
internal static partial class ProcessTable
{
    /// <summary>The number of this process.</summary>
    public static int Self => Environment.ProcessId;

    /// <summary>A process for people: its number and name.</summary>
    public static string Describe(int pid) => $"pid {pid} ({NameOf(pid)})";
}
