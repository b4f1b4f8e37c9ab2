using System.CommandLine;
using Kvol.Storage;

namespace Kvol.Commands;

/// <summary><c>kvol rm</c>.</summary>
internal static class RmCommand
{
    private static readonly Argument<string[]> Names = new("NAME") { Description = "Volumes", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Force = Verbs.Switch("Unmount kvol's mounts of them first", "-f", "--force");

    public static Command Build()
    {
        var command = new Command("rm", "Remove volumes that are mounted nowhere") { Names, Force };
        command.SetAction(parsed => Session.Run(parsed, context => Session.ForEach(parsed.GetValue(Names)!, name =>
        {
            new Volumes(context).Remove(VolumeName.Parse(name), parsed.GetValue(Force));
            Output.Line(name);
        })));
        return command;
    }
}
