using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol umount</c>.</summary>
internal static class UmountCommand
{
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "Root directory of the jail" };
    private static readonly Argument<string[]> Destinations = new("DEST")
    {
        Description = "Mount points as the jail sees them; default: all of kvol's",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Force = Verbs.Switch("Unmount by force", "-f", "--force");

    public static Command Build()
    {
        var command = new Command("umount", "Unmount what kvol mounted in a root directory")
        {
            Root, Destinations, Force, Feedback.Quiet, Feedback.Verbose,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                Unmounter.Run(context, parsed.GetValue(Root)!, parsed.GetValue(Destinations) ?? [], parsed.GetValue(Force));
                return ExitStatus.Done;
            },
            prints: false));
        return command;
    }
}
