using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
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
    private static readonly Option<bool> Due = Verbs.Switch("Take and remove the snapshots that the policies of the volumes ask for",
        "--due");
    private static readonly Option<bool> Quiet = Verbs.Switch("With --due: do not say what was done", "-q", "--quiet");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was made as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("snapshot", "Take snapshots, of all the volumes or none, and print their names")
        {
            Names, Name, Jail, Under, Label, Due, Quiet, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            if (parsed.GetValue(Due))
            {
                return TakeDue(context, parsed);
            }

            Verbs.Refuse(parsed, "needs --due", Quiet);
            var made = Snapshotting.Make(context, SnapshotChoice.Parse(parsed.GetValue(Names)!, parsed.GetValue(Name),
                parsed.GetValue(Jail), parsed.GetValue(Under), parsed.GetValue(Label)!), parsed.GetValue(Json));
            if (parsed.GetValue(Json))
            {
                DataOutput.Snapshots(made);
                return ExitStatus.Done;
            }

            Output.Text(string.Join('\n', made.Select(m => Shown.Of(m.Name.ToString()))));
            if (made[0].Group is { } group)
            {
                context.Notice($"group {group.Id}: {Plural.Of(made.Count, "snapshot")}; to return to it: "
                    + $"kvol rollback --group {group.Id}");
            }

            return ExitStatus.Done;
        }, lists: parsed.GetValue(Due)));
        return command;
    }

    private static ExitStatus TakeDue(Context context, ParseResult parsed)
    {
        if (parsed.GetValue(Names)!.Length > 0 || Verbs.Given(parsed, Name, Jail, Under, Label) is not null)
        {
            throw new KvolException(ExitStatus.Usage, "--due",
                "takes no volumes, --name, --jail, --under or --label: the policies choose the volumes");
        }

        var dryRun = parsed.GetValue(Verbs.DryRun);
        var (steps, failures) = DueSnapshots.Run(context.Watching(dryRun));
        if (parsed.GetValue(Json))
        {
            DataOutput.Due(steps);
        }
        else if (!parsed.GetValue(Quiet))
        {
            foreach (var step in steps)
            {
                Output.Line($"{step.Snapshot.Name}: {(dryRun ? "would be " : "")}{(step.IsTaken ? "taken" : "removed")}");
            }
        }

        foreach (var failure in failures)
        {
            Output.Message(failure);
        }

        return failures.Count == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }
}
