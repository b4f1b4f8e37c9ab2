namespace Kvol.Native;

/// <summary>The flags of ioctl_iflags(2) that <see cref="Attributes.Flags"/> gives, by the words that bsdtar uses for them on
/// Linux.</summary>
internal static class FlagNames
{
    public static readonly (string Name, int Flag)[] All =
    [
        ("sync", Libc.FS_SYNC_FL), ("schg", Libc.FS_IMMUTABLE_FL), ("sappnd", Libc.FS_APPEND_FL), ("nodump", Libc.FS_NODUMP_FL),
        ("noatime", Libc.FS_NOATIME_FL), ("dirsync", Libc.FS_DIRSYNC_FL),
    ];
}
