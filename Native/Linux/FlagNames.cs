namespace Kvol.Native;

/// <summary>The flags of ioctl_iflags(2) that <see cref="Attributes.Flags"/> gives, by the words that bsdtar uses for them on Linux.</summary>
internal static class FlagNames
{
    public static readonly (string Name, int Flag)[] All =
        [("sync", 0x08), ("schg", 0x10), ("sappnd", 0x20), ("nodump", 0x40), ("noatime", 0x80), ("dirsync", 0x10000)];
}
