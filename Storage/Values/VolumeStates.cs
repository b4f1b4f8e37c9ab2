using System;
using System.Collections.Generic;

namespace Kvol.Storage.Values;

/// <summary>What a volume holds. <see cref="Receiving"/>: its first ZFS stream is being received, or was interrupted.</summary>
internal enum VolumeState
{
    Empty, Seeding, Ready, Receiving,
}

/// <summary>The names of states, as <c>ls</c> prints them, <c>--filter</c> takes them and the manual explains them.</summary>
internal static class VolumeStates
{
    /// <summary>That of a <see cref="ForeignEntry"/>.</summary>
    public const string Foreign = "foreign";

    private static readonly string[] All = ["empty", "seeding", "ready", "receiving", Foreign];

    /// <summary>All of them: those of <see cref="VolumeState"/> in its order, then that of what is not a volume.</summary>
    public static IReadOnlyList<string> Names => All;

    public static string NameOf(VolumeState state) => All[(int)state];

    /// <summary>The place of a name in <see cref="Names"/>; -1 when it is not one of them.</summary>
    public static int IndexOf(string? name) => Array.IndexOf(All, name);
}
