using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol rollback</c>.</summary>
internal static class RollbackCommand
{
    private static readonly Argument<string?> Name = new("VOL@NAME") { Description = "A snapshot", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Jail = new("--jail")
    {
        Description = "All volumes of a jail, with --to",
        HelpName = "JAIL",
    };
    private static readonly Option<string?> To = new("--to")
    {
        Description = "The name of the snapshots that 'snapshot --jail' took",
        HelpName = "NAME",
    };
    private static readonly Option<bool> Newer = Verbs.Switch("Destroy the snapshots that are newer", "-r");
    private static readonly Option<bool> Force = Verbs.Switch("Even while it is mounted (one volume of a ZFS store)", "-f", "--force");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rollback", "Restore volumes to snapshots, all or none; prints the snapshots that -r destroys")
        {
            Name, GroupOption.Group, Jail, To, Newer, Force, Json, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(parsed, context => Run(context, parsed)));
        return command;
    }

    private static ExitStatus Run(Context context, ParseResult parsed)
    {
        var choice = GroupChoice.Parse(parsed.GetValue(GroupOption.Group), parsed.GetValue(Jail), parsed.GetValue(To));
        var name = parsed.GetValue(Name);
        GroupOption.RequireOne("rollback", name, "VOL@NAME", choice);
        IReadOnlyList<SnapshotName> to, destroyed;
        if (choice is null)
        {
            to = [SnapshotName.Parse(name!)];
            destroyed = Snapshotting.Rollback(context, to[0], parsed.GetValue(Newer), parsed.GetValue(Force));
        }
        else if (parsed.GetValue(Force))
        {
            throw new KvolException(ExitStatus.Usage, "-f",
                "a group is not rolled back while one of its volumes is mounted: kvol detach JAIL, or kvol umount ROOTDIR");
        }
        else
        {
            (to, destroyed) = Snapshotting.Rollback(context, choice, parsed.GetValue(Newer));
        }

        if (!parsed.GetValue(Json))
        {
            foreach (var snapshot in destroyed)
            {
                Output.Line(snapshot.ToString());
            }

            return ExitStatus.Done;
        }

        Output.Json(json =>
        {
            json.WriteStartObject();
            if (choice is null)
            {
                json.WriteString("snapshot", to[0].ToString());
            }

            Output.Strings(json, "snapshots", to.Select(s => s.ToString()));
            Output.Strings(json, "destroyed", destroyed.Select(s => s.ToString()));
            json.WriteEndObject();
        });
        return ExitStatus.Done;
    }
}
