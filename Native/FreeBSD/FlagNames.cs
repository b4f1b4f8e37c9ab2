namespace Kvol.Native;

/// <summary>The flags of chflags(2) that <see cref="Attributes.Flags"/> gives, by the words of chflags(1), strtofflags(3).</summary>
internal static class FlagNames
{
    public static readonly (string Name, int Flag)[] All =
    [
        ("sappnd", Libc.SF_APPEND), ("schg", Libc.SF_IMMUTABLE), ("sunlnk", Libc.SF_NOUNLINK), ("uappnd", Libc.UF_APPEND),
            ("uchg", Libc.UF_IMMUTABLE),
        ("uunlnk", Libc.UF_NOUNLINK), ("nodump", Libc.UF_NODUMP), ("opaque", Libc.UF_OPAQUE), ("usystem", Libc.UF_SYSTEM),
            ("uoffline", Libc.UF_OFFLINE),
        ("urdonly", Libc.UF_READONLY), ("hidden", Libc.UF_HIDDEN),
    ];
}
