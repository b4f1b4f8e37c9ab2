using System;
using System.Threading;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>What a command works with: its configuration, and how it reports to the user.</summary>
/// <param name="Configuration">Where things are.</param>
/// <param name="Warn">Shows one line that does not stop the work.</param>
/// <param name="Notice">Shows one line on a terminal only.</param>
/// <param name="Watch">Shows the progress of a copy until the result is disposed.</param>
/// <param name="WaitLimit">How long to wait for a lock; null: as long as its holder lives.</param>
/// <param name="MaximumDescriptors">How many files may be open.</param>
/// <param name="Interrupt">Set by SIGINT and SIGTERM.</param>
internal sealed record Context(
    Configuration Configuration, Action<string> Warn, Action<string> Notice, Func<CopyReport, IDisposable> Watch, TimeSpan? WaitLimit,
    int MaximumDescriptors, CancellationToken Interrupt)
{
    /// <summary>Shows one line about a successful step, if the user asked to see every step.</summary>
    public Action<string> Detail { get; init; } = _ => { };

    /// <summary>The plan of a dry run, which announces every step and changes nothing; null if the command acts.</summary>
    public Plan? Plan { get; init; }

    /// <summary>The same for a verb that lists what it would do: with <paramref name="dryRun"/> kvol makes, locks and repairs nothing,
    /// and discards the plan.</summary>
    public Context Watching(bool dryRun) => dryRun ? this with { Plan = new Plan(), Hint = _ => { } } : this;

    /// <summary>How directories of kvol's own are made and closed.</summary>
    public Upkeep Upkeep => new(Warn, Plan);

    /// <summary>Shows one line that says how to undo the command, or that nothing can: on a terminal, or if the user asked to see every
    /// step.</summary>
    public Action<string> Hint { get; init; } = _ => { };
}
