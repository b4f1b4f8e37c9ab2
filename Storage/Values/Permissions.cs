using System.IO;

namespace Kvol.Storage.Values;

/// <summary>Modes of files by name, chmod(2): the bits that chmod(1) writes in octal.</summary>
internal static class Permissions
{
    /// <summary>0600: a file that only its owner reads and writes.</summary>
    public const uint OwnerReadsAndWrites = (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>0700: a directory that only its owner uses.</summary>
    public const uint OwnerOnly = OwnerReadsAndWrites | (uint)UnixFileMode.UserExecute;

    /// <summary>0644: a file that all read.</summary>
    public const uint AllRead = OwnerReadsAndWrites | (uint)(UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    /// <summary>0755: a directory that all enter and read.</summary>
    public const uint AllEnter = OwnerOnly | AllRead | (uint)(UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>0077: the rights of everybody except the owner.</summary>
    public const uint GroupAndOthers = (uint)(
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

    /// <summary>0022: the right of everybody except the owner to write.</summary>
    public const uint GroupOrOthersWrite = (uint)(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);

    /// <summary>0777: what all may do.</summary>
    public const uint Everyone = OwnerOnly | GroupAndOthers;

    /// <summary>06000: the file runs with the rights of its owner or group.</summary>
    public const uint SetIds = (uint)(UnixFileMode.SetUser | UnixFileMode.SetGroup);

    /// <summary>07000: the bits that are not access rights.</summary>
    public const uint Special = SetIds | (uint)UnixFileMode.StickyBit;

    /// <summary>07777: all that a mode can say.</summary>
    public const uint AllBits = Everyone | Special;
}
