using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol detach</c>.</summary>
internal static class DetachCommand
{
    private static readonly Argument<string> Jail = new("JAIL") { Description = "The jail's name, or the id of what holds a volume" };
    private static readonly Argument<string?> Root = new("ROOTDIR")
    {
        Description = "Root directory of the jail; default: where it was attached",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<bool> Force = Verbs.Switch("Unmount by force what stays busy", "-f", "--force");

    public static Command Build()
    {
        var command = new Command("detach", "Undo what attach mounted (for exec.poststop)")
        {
            Jail, Root, Force, Feedback.Quiet, Feedback.Verbose,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                if (Detacher.Run(context, parsed.GetValue(Jail)!, parsed.GetValue(Root), parsed.GetValue(Force)) is { } hold)
                {
                    var volumes = string.Join(", ", hold.Volumes.Select(v => v.Name.Text).Distinct());
                    Feedback.Say(parsed, volumes, $"no longer held by {hold.Who}");
                }

                return ExitStatus.Done;
            },
            prints: false));
        return command;
    }
}
