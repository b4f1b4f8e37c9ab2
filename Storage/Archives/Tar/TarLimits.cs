namespace Kvol.Storage.Archives;

/// <summary>The most that kvol accepts in one archive. Archives come from strangers, and memory must not grow with them. kvol's own exports
/// stay below these limits, so that they can be imported again. Beyond a limit, the import fails with an error (65) and imports
/// nothing.</summary>
internal static class TarLimits
{
    /// <summary>Bytes of a member's name, and of what a link leads to.</summary>
    public const int Name = 64 * 1024;

    /// <summary>Depth of nested directories.</summary>
    public const int Depth = 10_000;

    /// <summary>Missing parent directories that are made for each member, on top of one <see cref="Depth"/> for the whole
    /// archive.</summary>
    public const int Parents = 16;

    /// <summary>Bytes of the extended header of one member: its attributes and lists, mainly.</summary>
    public const int Header = 2 << 20;

    /// <summary>Bytes of all global headers together; each is read again for every member.</summary>
    public const int GlobalHeaders = 64 * 1024;

    /// <summary>Bytes of the names of one member's attributes, each with its end, as listxattr(2) counts them and Linux limits
    /// them.</summary>
    public const int AttributeNames = 64 * 1024;

    /// <summary>Bytes of one access control list as text: Linux holds 8,191 entries, of 20 bytes at most as kvol writes them.</summary>
    public const int Acl = 192 * 1024;

    /// <summary>Bytes of the words of chflags(1) for one member.</summary>
    public const int Flags = 1024;

    /// <summary>Pieces of data between the holes of one file.</summary>
    public const int Extents = 1 << 18;

    /// <summary>Members with flags that forbid changes, and those of them in the top directory: their flags are set last.</summary>
    public const int Protected = 1 << 16, ProtectedAtTop = 1 << 12;
}
