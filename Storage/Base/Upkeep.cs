using System;

namespace Kvol.Storage.Base;

/// <summary>How kvol treats a directory of its own that is missing, or that others than root can change: it makes or closes it, or in a
/// dry run announces that.</summary>
/// <param name="Warn">Shows one line to the user.</param>
/// <param name="Plan">Where a dry run announces it; null if it is done.</param>
internal sealed record Upkeep(Action<string> Warn, Plan? Plan)
{
    /// <summary>Does it and tells nobody.</summary>
    public static readonly Upkeep Quiet = new(_ => { }, null);

    /// <summary>Tells nobody what was done.</summary>
    public Upkeep Silently => this with { Warn = _ => { } };
}
