using System;

namespace Kvol.Storage.Base;

/// <summary>How kvol repairs a directory of its own that is missing, or that users other than root can change: it makes or closes it. In a
/// dry run it announces that instead.</summary>
/// <param name="Warn">Shows one line to the user.</param>
/// <param name="Plan">Where a dry run announces it; null if it is done.</param>
internal sealed record Upkeep(Action<string> Warn, Plan? Plan)
{
    /// <summary>Repairs without a message.</summary>
    public static readonly Upkeep Quiet = new(_ => { }, null);

    /// <summary>The same without messages.</summary>
    public Upkeep Silently => this with { Warn = _ => { } };
}
