using System;
using System.CommandLine;

namespace Kvol.Commands;

/// <summary>One verb: its name, other names that people type, and what makes its command. Only the verb that is run is built.</summary>
internal sealed record Verb(string Name, Func<Command> Build, params string[] Aliases);

/// <summary>Verbs that belong together, and what the help calls them.</summary>
internal sealed record VerbGroup(string Title, params Verb[] Verbs);
