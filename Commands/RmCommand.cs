using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol rm</c>.</summary>
internal static class RmCommand
{
    private static readonly Argument<string[]> Names = new("VOL[@NAME]")
    {
        Description = "Volumes, or snapshots of them",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Force = Verbs.Switch("Unmount kvol's mounts of them first", "-f", "--force");
    private static readonly Option<string?> Keep = new("--keep")
    {
        Description = "Keep the removed volumes for this time (see undelete): 3600, 12h, 7d",
        HelpName = "TIME",
    };

    private static readonly Option<bool> Json = Verbs.Switch("Print the names of what was removed as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rm", "Remove volumes that are mounted nowhere, or snapshots")
        {
            Names, GroupOption.Group, Force, Keep, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var given = parsed.GetValue(Names)!;
            var group = GroupChoice.Parse(parsed.GetValue(GroupOption.Group));
            GroupOption.RequireOne("rm", given.Length > 0 ? given[0] : null, "VOL[@NAME]", group);
            if (group is not null)
            {
                return RemoveGroup(context, parsed, group);
            }

            // Checks names and times before the first volume is removed.
            TimeSpan? keep = parsed.GetValue(Keep) is { } time ? Duration.Parse("--keep", time) : null;
            (VolumeName Volume, SnapshotName? Snapshot)[] names = [.. given.Select(SnapshotName.ParseEither)];
            if (keep is not null && Array.Find(names, n => n.Snapshot is not null).Snapshot is { } snapshot)
            {
                throw new KvolException(ExitStatus.Usage, snapshot.ToString(), "a snapshot cannot be kept after its deletion");
            }

            var removed = new List<string>();
            try
            {
                return Session.ForEach(names, name =>
                {
                    Remove(context, name.Volume, name.Snapshot, parsed.GetValue(Force), keep);
                    removed.Add(name.Snapshot?.ToString() ?? name.Volume.Text);
                    if (!parsed.GetValue(Json))
                    {
                        Output.Line(removed[^1]);
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

    private static ExitStatus RemoveGroup(Context context, ParseResult parsed, GroupChoice group)
    {
        if (Array.Find([Force, (Option)Keep], o => parsed.GetResult(o) is { Implicit: false }) is { } option)
        {
            throw new KvolException(ExitStatus.Usage, option.Name, "is for volumes, so it does not go with --group");
        }

        var removed = Snapshotting.Remove(context, group).Select(s => s.ToString()).ToArray();
        if (parsed.GetValue(Json))
        {
            DataOutput.Names(removed);
        }
        else
        {
            Array.ForEach(removed, Output.Line);
        }

        return ExitStatus.Done;
    }

    private static void Remove(Context context, VolumeName name, SnapshotName? snapshot, bool force, TimeSpan? keep)
    {
        if (snapshot is not null)
        {
            Snapshotting.Remove(context, snapshot);
        }
        else if (keep is { } time)
        {
            Deleting.Keep(context, name, time, force);
        }
        else
        {
            new Volumes(context).Remove(name, force);
        }
    }
}
