using System;

namespace Kvol.Native;

/// <summary>Names that nothing else has.</summary>
internal static class RandomHex
{
    /// <summary>So many random hexadecimal digits, an even number.</summary>
    public static string Of(int digits)
    {
        Span<byte> bytes = stackalloc byte[digits / 2];
        Host.FillRandom(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
