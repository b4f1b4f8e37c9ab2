using System;

namespace Kvol.Storage.Values;

/// <summary>What the first mount of a volume gives its top directory, unless it was chosen.</summary>
[Flags]
internal enum TopParts
{
    None, Owner = 1, Mode = 2, Both = Owner | Mode,
}

/// <summary><see cref="TopParts"/> as they are written: in volume.json and in a property.</summary>
internal static class TopPartsText
{
    /// <summary>One word.</summary>
    public static string Of(TopParts parts) => parts switch
    {
        TopParts.Both => "owner,mode",
        TopParts.Owner => "owner",
        TopParts.Mode => "mode",
        _ => "none",
    };

    /// <summary>Reads it; unknown words count as nothing, so that nothing is changed.</summary>
    public static TopParts Parse(string? text) => text switch
    {
        "owner,mode" => TopParts.Both,
        "owner" => TopParts.Owner,
        "mode" => TopParts.Mode,
        _ => TopParts.None,
    };

    /// <summary>What the command that makes a volume leaves for its first mount.</summary>
    public static TopParts LeftBy(NewVolume wanted) =>
        (wanted.Uid is null && wanted.Gid is null ? TopParts.Owner : 0) | (wanted.Mode is null ? TopParts.Mode : 0);
}
