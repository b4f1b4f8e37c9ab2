using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>The SPECs of a command: its operands, or what a file holds.</summary>
internal static class SpecList
{
    public static readonly Argument<string[]> Operands = new("SPEC")
    {
        Description = "SOURCE:DEST[:OPT,...]",
        Arity = ArgumentArity.ZeroOrMore,
    };
    public static readonly Option<string?> File = new("--file")
    {
        Description = "Take the SPECs from a file; - is standard input",
        HelpName = "FILE",
    };

    /// <summary>The SPECs; an error (64) if there are none, or both.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed, Context context, string rootPath, string? jail)
    {
        var specs = parsed.GetValue(Operands) ?? [];
        if (parsed.GetValue(File) is { } file)
        {
            return specs.Length == 0 ? SpecFile.Read(context, file, rootPath, jail)
                : throw new KvolException(ExitStatus.Usage, File.Name, $"the SPECs are in the file; leave out {Shown.Word(specs[0])}");
        }

        var verb = parsed.CommandResult.Command;
        return specs.Length > 0 ? specs : throw new KvolException(ExitStatus.Usage, verb.Name,
            $"SPEC is missing; name what to mount, or a file that lists it (--file FILE); usage: "
            + $"{Help.Usage(Verbs.Find(verb.Name)!, verb)}");
    }
}
