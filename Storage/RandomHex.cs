using System;

namespace Kvol.Storage;

/// <summary>Names that nothing else has.</summary>
internal static class RandomHex
{
    /// <summary>So many hexadecimal digits, at most 24, of the kernel's random numbers. RandomNumberGenerator would load OpenSSL for them, which takes longer
    /// than all the rest of a command.</summary>
    public static string Of(int digits)
    {
        var text = $"{Guid.NewGuid():n}"; // all but two of its digits are random, RFC 9562 section 5.4
        return $"{text[..12]}{text[20..]}"[..digits];
    }
}
