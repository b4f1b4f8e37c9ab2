using System.Collections.Generic;
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
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print what was made as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("snapshot", "Take snapshots and print their names") { Names, Json };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var made = new List<SnapshotInfo>();
            var status = Session.ForEach(parsed.GetValue(Names)!.Select(Checked).ToArray(), text =>
            {
                made.Add(Snapshotting.Make(context, text));
                if (!parsed.GetValue(Json))
                {
                    Output.Line(made[^1].Name.ToString());
                }
            });
            if (parsed.GetValue(Json))
            {
                DataOutput.Snapshots(made);
            }

            return status;
        }));
        return command;
    }

    // Checks all names before the first snapshot is made.
    private static string Checked(string text)
    {
        _ = SnapshotName.ParseEither(text);
        return text;
    }
}
