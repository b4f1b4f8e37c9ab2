using System;
using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol rm</c>.</summary>
internal static class RmCommand
{
    private static readonly TimeSpan LongestKeep = TimeSpan.FromDays(36500);

    private static readonly Argument<string[]> Names = new("NAME") { Description = "Volumes, or snapshots (VOL@NAME)", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Force = Verbs.Switch("Unmount kvol's mounts of them first", "-f", "--force");
    private static readonly Option<double?> Keep = new("--keep") { Description = "Keep them so long for 'undelete'", HelpName = "SECONDS" };

    private static readonly Option<bool> Json = Verbs.Switch("Print the names of what was removed as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rm", "Remove volumes that are mounted nowhere, or snapshots") { Names, Force, Keep, Json };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var removed = new List<string>();
            try
            {
                return Session.ForEach(parsed.GetValue(Names)!, name =>
                {
                    Remove(context, name, parsed.GetValue(Force), parsed.GetValue(Keep));
                    removed.Add(name);
                    if (!parsed.GetValue(Json))
                    {
                        Output.Line(name);
                    }
                });
            }
            finally
            {
                if (parsed.GetValue(Json))
                {
                    DataOutput.Names(removed);
                }
            }
        }));
        return command;
    }

    private static void Remove(Context context, string name, bool force, double? keep)
    {
        if (SnapshotName.IsMeant(name))
        {
            Snapshotting.Remove(context, keep is null ? SnapshotName.Parse(name) : throw new KvolException(ExitStatus.Usage, name, "a snapshot cannot be kept after its deletion"));
        }
        else if (keep is { } seconds)
        {
            var time = seconds >= 0 && seconds <= LongestKeep.TotalSeconds ? TimeSpan.FromSeconds(seconds)
                : throw new KvolException(ExitStatus.Usage, "--keep", "is a number of seconds, 0 or more");
            Deleting.Keep(context, VolumeName.Parse(name), time, force);
        }
        else
        {
            new Volumes(context).Remove(VolumeName.Parse(name), force);
        }
    }
}
