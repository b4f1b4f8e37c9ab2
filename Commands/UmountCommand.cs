using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol umount</c>.</summary>
internal static class UmountCommand
{
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "The directory that is / in the jail" };
    private static readonly Argument<string[]> Destinations = new("DEST") { Description = "Only these; otherwise all of kvol's", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> Force = Verbs.Switch("Force what the system can force", "-f", "--force");

    public static Command Build()
    {
        var command = new Command("umount", "Undo mounts under a root directory") { Root, Destinations, Force };
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
