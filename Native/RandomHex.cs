using System;

namespace Kvol.Native;

/// <summary>Unique random names.</summary>
internal static class RandomHex
{
    /// <summary>Random hexadecimal digits; their number must be even.</summary>
    public static string Of(int digits)
    {
        Span<byte> bytes = stackalloc byte[digits / 2];
        Host.FillRandom(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
