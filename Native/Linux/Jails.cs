using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>Jails: Linux has none, and a jail's name is only a label.</summary>
internal static class Jails
{
    /// <summary>Whether the kernel knows which jails run.</summary>
    public static bool AreKnown => false;

    /// <summary>None.</summary>
    public static IReadOnlyList<Jail> All() => [];
}
