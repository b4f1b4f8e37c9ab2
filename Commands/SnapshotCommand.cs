using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol snapshot</c>.</summary>
internal static class SnapshotCommand
{
    private static readonly Argument<string[]> Names = new("VOL[@NEW]")
    {
        Description = "Volumes; the time (UTC) is the name when none is given",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<string?> Name = new("--name") { Description = "The name of the snapshots", HelpName = "NAME" };
    private static readonly Option<string?> Jail = new("--jail") { Description = "All volumes mounted for a jail", HelpName = "JAIL" };
    private static readonly Option<string?> Under = new("--under")
    {
        Description = "All volumes mounted below a root directory",
        HelpName = "ROOTDIR",
    };
    private static readonly Option<string[]> Label = Verbs.Many("All volumes with a label", "K[=V]", "--label", "-l");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was made as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("snapshot", "Take snapshots, of all the volumes or none, and print their names")
        {
            Names, Name, Jail, Under, Label, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var made = Snapshotting.Make(context, SnapshotChoice.Parse(parsed.GetValue(Names)!, parsed.GetValue(Name),
                parsed.GetValue(Jail), parsed.GetValue(Under), parsed.GetValue(Label)!));
            if (parsed.GetValue(Json))
            {
                DataOutput.Snapshots(made);
                return ExitStatus.Done;
            }

            Output.Text(string.Join('\n', made.Select(m => Shown.Of(m.Name.ToString()))));
            if (made[0].Group is { } group)
            {
                context.Notice($"group {group.Id}: {Feedback.Count(made.Count, "snapshot")}; to return to it: "
                    + $"kvol rollback --group {group.Id}");
            }

            return ExitStatus.Done;
        }));
        return command;
    }
}
