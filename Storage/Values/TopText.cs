using System;
using System.Globalization;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>Owner and mode of a top directory as they are written: <c>UID[:GID]</c> in numbers, and octal digits.</summary>
internal static class TopText
{
    /// <summary>What is wrong with an owner that is not understood.</summary>
    public const string WrongOwner = "an owner is UID or UID:GID, numbers up to 4294967294 (names mean something else inside a jail)";

    /// <summary>What is wrong with such a mode.</summary>
    public const string WrongMode = "a mode is octal, at most 7777, for example 0750";

    /// <summary>The owner, and the group if one was given; null if the text is not understood.</summary>
    public static (uint Uid, uint? Gid)? ParseOwner(string text)
    {
        var parts = text.Split(':');
        return Number(parts[0]) is not { } uid || parts.Length > 2 ? null
            : parts.Length == 1 ? (uid, null)
            : Number(parts[1]) is { } gid ? (uid, gid) : null;
    }

    /// <summary>The mode up to 7777; null if the text is not understood.</summary>
    public static uint? ParseMode(string text) =>
        text.Length is >= 1 and <= 5 && text.All(c => c is >= '0' and <= '7')
            && Convert.ToUInt32(text, 8) is <= Permissions.AllBits and var mode ? mode : null;

    /// <summary>A mode with at least four digits.</summary>
    public static string OfMode(uint mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    /// <summary>An owner, with the group if there is one.</summary>
    public static string OfOwner(uint uid, uint? gid) => string.Create(CultureInfo.InvariantCulture, $"{uid}")
        + (gid is null ? "" : string.Create(CultureInfo.InvariantCulture, $":{gid}"));

    private static uint? Number(string word) =>
        uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : null;
}
