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
    /// <summary>With it, the operands are deleted volumes.</summary>
    public static readonly Option<bool> Deleted = Verbs.Switch("Remove deleted volumes for good, by name or id", "--deleted");

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

    private static readonly Option<bool> Now = Verbs.Switch("Destroy them at once, whatever 'trash' in kvol.conf says", "--now");
    private static readonly Option<bool> Json = Verbs.Switch("Print the names of what was removed as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rm", "Remove volumes that are mounted nowhere, or snapshots")
        {
            Names, GroupOption.Group, Force, Keep, Now, Deleted, Json, Feedback.WayBack,
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

            if (parsed.GetValue(Deleted))
            {
                Verbs.Refuse(parsed, $"cannot be used with {Deleted.Name}", Force, Keep, Now);
                return ForEach(parsed, given, name => Deleting.Destroy(context, name).Name.Text);
            }

            return RemoveAll(context, parsed, given);
        }));
        return command;
    }

    private static ExitStatus RemoveAll(Context context, ParseResult parsed, string[] given)
    {
        // Checks names and times before the first volume is removed.
        TimeSpan? asked = parsed.GetValue(Keep) is { } time ? Duration.Parse("--keep", time) : null;
        (VolumeName Volume, SnapshotName? Snapshot)[] names = [.. given.Select(SnapshotName.ParseEither)];
        if (asked is not null)
        {
            Verbs.Refuse(parsed, $"contradicts {Keep.Name}", Now);
            if (Array.Find(names, n => n.Snapshot is not null).Snapshot is { } snapshot)
            {
                throw new KvolException(ExitStatus.Usage, snapshot.ToString(), "a snapshot cannot be kept after its deletion");
            }
        }

        var keep = KeepTime.Of(context, asked, parsed.GetValue(Now));
        var kept = new List<DeletedVolume>();
        try
        {
            return ForEach(parsed, names, name =>
            {
                if (name.Snapshot is not null)
                {
                    Snapshotting.Remove(context, name.Snapshot);
                    return name.Snapshot.ToString();
                }

                if (new Volumes(context).Remove(name.Volume, parsed.GetValue(Force), keep) is { } deleted)
                {
                    kept.Add(deleted);
                }

                return name.Volume.Text;
            });
        }
        finally
        {
            Deleting.SayWayBack(context, kept);
        }
    }

    private static ExitStatus ForEach<T>(ParseResult parsed, IReadOnlyList<T> operands, Func<T, string> remove)
    {
        var removed = new List<string>();
        try
        {
            return Session.ForEach(operands, operand =>
            {
                removed.Add(remove(operand));
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
    }

    private static ExitStatus RemoveGroup(Context context, ParseResult parsed, GroupChoice group)
    {
        Verbs.Refuse(parsed, "cannot be used with --group", Force, Keep, Now, Deleted);
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
}
