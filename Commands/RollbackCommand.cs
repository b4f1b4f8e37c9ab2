using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol rollback</c>.</summary>
internal static class RollbackCommand
{
    private static readonly Argument<string> Name = new("VOL@NAME") { Description = "A snapshot" };
    private static readonly Option<bool> Newer = Verbs.Switch("Destroy the snapshots that are newer", "-r");
    private static readonly Option<bool> Force = Verbs.Switch("Even while it is mounted (ZFS store)", "-f", "--force");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rollback", "Restore a volume to a snapshot; prints the snapshots that -r destroys")
        {
            Name, Newer, Force, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var snapshot = SnapshotName.Parse(parsed.GetValue(Name)!);
            var destroyed = new List<string>();
            Snapshotting.Rollback(context, snapshot, parsed.GetValue(Newer), parsed.GetValue(Force), parsed.GetValue(Json) ? destroyed.Add
                : Output.Line);
            if (parsed.GetValue(Json))
            {
                Output.Json(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("snapshot", snapshot.ToString());
                    Output.Strings(json, "destroyed", destroyed);
                    json.WriteEndObject();
                });
            }

            return ExitStatus.Done;
        }));
        return command;
    }
}
