using System;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol prune</c>.</summary>
internal static class PruneCommand
{
    private static readonly Option<bool> DryRun = Verbs.Switch("Only list what would be removed", "-n", "--dry-run");
    private static readonly Option<bool> Yes = Verbs.Switch("Do not ask", "-y", "--yes");
    private static readonly Option<bool> All = Verbs.Switch("Volumes with a given name too", "--all");
    private static readonly Option<string[]> Filter = Verbs.Many("Only volumes that match", "KEY=VALUE", "--filter");

    public static Command Build()
    {
        var command = new Command("prune", "Remove unused volumes that were created without a name") { DryRun, Yes, All, Filter };
        command.SetAction(parsed => Session.Run(parsed, context => Run(
            context, parsed.GetValue(DryRun), parsed.GetValue(Yes), parsed.GetValue(All), parsed.GetValue(Filter)!)));
        return command;
    }

    private static ExitStatus Run(Context context, bool dryRun, bool yes, bool all, string[] filters)
    {
        var volumes = new Volumes(context);
        var unread = ExitStatus.Done;
        var names = volumes.Prunable(all, Filters.Parse(filters), e =>
        {
            context.Warn(e.Message);
            unread = ExitStatus.SomeFailed;
        }).Select(v => v.Name).ToList();
        if (dryRun || names.Count == 0)
        {
            Table.Print(true, [""], [.. names.Select(n => (string[])[n.Text])]);
            return unread;
        }

        if (!yes)
        {
            if (Console.IsInputRedirected || Console.IsErrorRedirected)
            {
                throw new KvolException(ExitStatus.Usage, "prune",
                    $"would remove {Feedback.Count(names.Count, "volume")}; without a terminal it needs -y (or -n to list them)");
            }

            var them = names.Count == 1 ? "it" : "them";
            Output.Raw($"{string.Join('\n', names)}\nRemove {Feedback.Count(names.Count, "volume")} with everything in {them}? [y/N] ");
            if (Console.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            {
                return ExitStatus.Done;
            }
        }

        var status = Session.ForEach(names, name =>
        {
            if (volumes.TryRemove(name))
            {
                Output.Line(name.Text);
            }
        });
        return status == ExitStatus.Done ? unread : status;
    }
}
