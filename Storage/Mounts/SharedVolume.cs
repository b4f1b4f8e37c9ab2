using System.Collections.Generic;
using System.Linq;

namespace Kvol.Storage.Mounts;

/// <summary>Warns about a directory that several jails share.</summary>
internal static class SharedVolume
{
    /// <summary>A warning if the mounts show one directory, writable, in more than one root directory; otherwise null. A process that can
    /// write there can make a socket, and pass a directory descriptor through it out of its jail.</summary>
    public static string? Warning(IReadOnlyList<MountView> mounts)
    {
        // Paths of another namespace or host do not tell root directories apart, and a snapshot is another directory.
        mounts = [.. mounts.Where(m => m is { Pid: null, Host: null, IsHold: false, IsOfSnapshot: false })];
        var roots = mounts.Select(m => m.Root ?? m.Path).Distinct().Order(System.StringComparer.Ordinal).ToArray();
        return roots.Length < 2 || mounts.All(m => m.ReadOnly) ? null
            : $"is writable and shared by {string.Join(", ", roots)}: on FreeBSD without the fix for CVE-2025-15576, processes in jails "
                + "that share a directory can leave their root directories; give each jail its own volume, or install the fix";
    }
}
