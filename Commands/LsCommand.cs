using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol ls</c>.</summary>
internal static class LsCommand
{
    private static readonly Argument<string[]> Names = new("VOL") { Description = "Only snapshots of these", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string> Type = new("--type", "-t") { Description = "volume or snapshot", HelpName = "TYPE", DefaultValueFactory = _ => "volume" };
    private static readonly Option<bool> Deleted = Verbs.Switch("Volumes that were removed with --keep", "--deleted");
    private static readonly Option<bool> Quiet = Verbs.Switch("Names only", "-q", "--quiet");
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");
    private static readonly Option<string> Sort = new("--sort") { Description = "name, created, state or mounts", HelpName = "KEY", DefaultValueFactory = _ => "name" };
    private static readonly Option<string[]> Filter = Verbs.Many("Only volumes that match", "KEY=VALUE", "--filter");

    public static Command Build()
    {
        var command = new Command("ls", "List volumes") { Names, Type, Deleted, Quiet, Scripted, Json, Sort, Filter };
        command.Aliases.Add("list");
        command.SetAction(parsed => Session.Read(parsed, context =>
            parsed.GetValue(Deleted) || parsed.GetValue(Type) != "volume" || parsed.GetValue(Names) is { Length: > 0 } ? RunOther(context, parsed) : Run(
            context, parsed.GetValue(Quiet), parsed.GetValue(Scripted), parsed.GetValue(Json), parsed.GetValue(Sort)!, parsed.GetValue(Filter)!)));
        return command;
    }

    private static ExitStatus RunOther(Context context, ParseResult parsed)
    {
        var (names, type, quiet, scripted) = (parsed.GetValue(Names)!, parsed.GetValue(Type), parsed.GetValue(Quiet), parsed.GetValue(Scripted));
        if (type is not ("volume" or "snapshot") || parsed.GetValue(Filter)!.Length > 0 || (names.Length > 0 && type != "snapshot") || (parsed.GetValue(Deleted) && type != "volume"))
        {
            throw new KvolException(ExitStatus.Usage, "ls", "lists volumes (with --filter), -t snapshot [VOL...], or --deleted");
        }

        var status = ExitStatus.Done;
        if (parsed.GetValue(Deleted))
        {
            var deleted = Deleting.List(context, Damaged);
            if (parsed.GetValue(Json))
            {
                DataOutput.Deleted(deleted);
            }
            else
            {
                DataOutput.Deleted(deleted, quiet, scripted);
            }

            return status;
        }

        var snapshots = Snapshotting.List(context, [.. names.Select(VolumeName.Parse)], Damaged);
        if (parsed.GetValue(Json))
        {
            DataOutput.Snapshots(snapshots);
        }
        else
        {
            DataOutput.Snapshots(snapshots, quiet, scripted);
        }

        return status;

        void Damaged(KvolException e)
        {
            context.Warn(e.Message);
            status = e.Status;
        }
    }

    private static ExitStatus Run(Context context, bool quiet, bool scripted, bool json, string sort, string[] filters)
    {
        var status = ExitStatus.Done;
        var matches = Filters.Parse(filters);
        Func<(Volume Volume, IReadOnlyList<MountView> Mounts), IComparable>? key = sort switch
        {
            "name" => null, // the order they come in
            "created" => v => v.Volume.Created,
            "state" => v => v.Volume.State,
            "mounts" => v => v.Mounts.Count,
            _ => throw new KvolException(ExitStatus.Usage, $"--sort {sort}", "known keys: name created state mounts"),
        };
        var all = new Volumes(context).List(matches, e =>
        {
            context.Warn(e.Message);
            status = e.Status;
        }, everywhere: !quiet || sort == "mounts" || filters.Any(Filters.AsksForMounts)); // names alone do not need the mount tables of all processes
        all = key is null ? all : [.. all.OrderBy(key)];
        if (json)
        {
            Output.Json(writer =>
            {
                writer.WriteStartArray();
                foreach (var (volume, mounts) in all)
                {
                    Output.Volume(writer, volume, mounts);
                }

                writer.WriteEndArray();
            });
        }
        else if (quiet)
        {
            Output.Table(true, ["NAME"], all.Select(v => (string[])[v.Volume.Name]));
        }
        else
        {
            Output.Table(scripted, ["NAME", "STATE", "MOUNTS", "CREATED", "LABELS"], all.Select(v => (string[])[
                v.Volume.Name, Output.State(v.Volume), v.Mounts.Count.ToString(null, null), Output.Time(v.Volume.Created),
                v.Volume.Labels.Count == 0 ? "-" : string.Join(',', v.Volume.Labels.Select(l => $"{l.Key}={l.Value}"))]));
        }

        return status;
    }
}
