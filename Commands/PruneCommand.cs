using System;
using System.Collections.Generic;
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
    private static readonly Option<string?> Unused = new("--unused")
    {
        Description = "Only volumes that nothing has used for this time: 30d, 12h",
        HelpName = "TIME",
    };
    private static readonly Option<bool> All = Verbs.Switch("Volumes with a given name too", "--all");
    private static readonly Option<bool> Now = Verbs.Switch("Destroy them at once, whatever 'trash' in kvol.conf says", "--now");
    private static readonly Option<bool> Deleted = Verbs.Switch("Destroy all deleted volumes instead", "--deleted");
    private static readonly Option<string[]> Filter = Verbs.Many("Only volumes that match", "KEY=VALUE", "--filter");

    public static Command Build()
    {
        var command = new Command("prune", "Remove unused volumes that were created without a name")
        {
            DryRun, Yes, All, Unused, Now, Deleted, Filter, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            context = context.Watching(parsed.GetValue(DryRun));
            var status = ExitStatus.Done;
            var done = parsed.GetValue(Deleted) ? RemoveDeleted(context, parsed, Damaged) : RemoveUnused(context, parsed, Damaged);
            return done == ExitStatus.Done ? status : done;

            void Damaged(KvolException e)
            {
                context.Warn(e.Message);
                status = ExitStatus.SomeFailed;
            }
        }));
        return command;
    }

    private static ExitStatus RemoveUnused(Context context, ParseResult parsed, Action<KvolException> damaged)
    {
        var volumes = new Volumes(context);
        string[] filters = parsed.GetValue(Unused) is { } time && Duration.Parse(Unused.Name, time) is var _
            ? [.. parsed.GetValue(Filter)!, $"unused={time}"] : parsed.GetValue(Filter)!;
        var matches = Filters.Parse(filters);
        var unused = Filters.Unused(filters);
        var names = volumes.Prunable(parsed.GetValue(All), matches, uses: unused is not null, damaged).Select(v => v.Name).ToArray();
        if (!IsMeant(parsed, "volume", [.. names.Select(n => n.Text)]))
        {
            return ExitStatus.Done;
        }

        var keep = KeepTime.Of(context, asked: null, parsed.GetValue(Now));
        var kept = new List<DeletedVolume>();
        try
        {
            return Session.ForEach(names, name =>
            {
                if (volumes.TryRemove(name, keep, unused, out var deleted))
                {
                    Output.Line(name.Text);
                    kept.AddRange(deleted is null ? [] : [deleted]);
                }
            });
        }
        finally
        {
            Deleting.SayWayBack(context, kept);
        }
    }

    private static ExitStatus RemoveDeleted(Context context, ParseResult parsed, Action<KvolException> damaged)
    {
        Verbs.Refuse(parsed, $"cannot be used with {Deleted.Name}", All, Unused, Now, Filter);
        var deleted = Deleting.List(context, damaged);
        return IsMeant(parsed, "deleted volume", [.. deleted.Select(d => $"{d.Name} {d.Id}")])
            ? Session.ForEach(deleted, d => Output.Line($"{Deleting.Destroy(context, d.Id).Name} {d.Id}")) : ExitStatus.Done;
    }

    /// <summary>Whether to go on: asks, unless that is not wanted. A dry run asks nothing: it makes the checks of each removal.</summary>
    private static bool IsMeant(ParseResult parsed, string noun, string[] lines)
    {
        if (parsed.GetValue(DryRun) || parsed.GetValue(Yes) || lines.Length == 0)
        {
            return lines.Length > 0;
        }

        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "prune",
                $"would remove {Plural.Of(lines.Length, noun)}; without a terminal it needs -y (or -n to list them)");
        }

        var them = lines.Length == 1 ? "it" : "them";
        Output.Raw($"{string.Join('\n', lines)}\nRemove {Plural.Of(lines.Length, noun)} with everything in {them}? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
