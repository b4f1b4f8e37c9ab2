using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>The words for <see cref="MountFlags"/>, the same in a SPEC and in mount(8) of both systems.</summary>
internal static class MountOptions
{
    /// <summary>Each flag that has a word.</summary>
    public static readonly (MountFlags Flag, string Name)[] All = [(MountFlags.ReadOnly, "ro"), (MountFlags.NoSuid, "nosuid"),
        (MountFlags.NoExec, "noexec"), (MountFlags.NoAccessTime, "noatime"), (MountFlags.NoDevices, "nodev"),
        (MountFlags.NoCache, "nocache")];

    /// <summary>The flags that the mount table does not show.</summary>
    public const MountFlags Unseen = MountFlags.NoCache;

    /// <summary>The words for these flags.</summary>
    public static IEnumerable<string> Of(MountFlags flags) => All.Where(f => flags.HasFlag(f.Flag)).Select(f => f.Name);
}
