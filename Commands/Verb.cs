using System;
using System.CommandLine;

namespace Kvol.Commands;

/// <summary>A verb: its name, its aliases, and a factory of its command. Only the command of the verb that runs is built.</summary>
internal sealed record Verb(string Name, Func<Command> Build, params string[] Aliases)
{
    /// <summary>Whether it takes <see cref="Verbs.DryRun"/>: it changes something, and has no option of its own for that.</summary>
    public bool HasDryRun { get; init; }
}

/// <summary>A group of verbs, and its title in the help.</summary>
internal sealed record VerbGroup(string Title, params Verb[] Verbs);
