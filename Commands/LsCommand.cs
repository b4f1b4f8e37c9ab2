using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage;

namespace Kvol.Commands;

/// <summary><c>kvol ls</c>.</summary>
internal static class LsCommand
{
    private static readonly Option<bool> Quiet = Verbs.Switch("Names only", "-q", "--quiet");
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");
    private static readonly Option<string> Sort = new("--sort") { Description = "name, created, state or mounts", HelpName = "KEY", DefaultValueFactory = _ => "name" };
    private static readonly Option<string[]> Filter = Verbs.Many("Only volumes that match", "KEY=VALUE", "--filter");

    public static Command Build()
    {
        var command = new Command("ls", "List volumes") { Quiet, Scripted, Json, Sort, Filter };
        command.Aliases.Add("list");
        command.SetAction(parsed => Session.Run(parsed, context => Run(
            context, parsed.GetValue(Quiet), parsed.GetValue(Scripted), parsed.GetValue(Json), parsed.GetValue(Sort)!, parsed.GetValue(Filter)!)));
        return command;
    }

    private static ExitStatus Run(Context context, bool quiet, bool scripted, bool json, string sort, string[] filters)
    {
        var status = ExitStatus.Done;
        var matches = Filters.Parse(filters);
        Func<(Volume Volume, IReadOnlyList<MountView> Mounts), IComparable> key = sort switch
        {
            "name" => v => 0,
            "created" => v => v.Volume.Created,
            "state" => v => v.Volume.State,
            "mounts" => v => v.Mounts.Count,
            _ => throw new KvolException(ExitStatus.Usage, $"--sort {sort}", "known keys: name created state mounts"),
        };
        var all = new Volumes(context).List(e =>
        {
            context.Warn(e.Message);
            status = e.Status;
        }).Where(v => matches(v)).OrderBy(key).ToList();
        if (json)
        {
            Output.Json(writer =>
            {
                writer.WriteStartArray();
                all.ForEach(v => Output.Volume(writer, v.Volume, v.Mounts));
                writer.WriteEndArray();
            });
        }
        else if (quiet)
        {
            Output.Table(true, ["NAME"], [.. all.Select(v => (string[])[v.Volume.Name])]);
        }
        else
        {
            Output.Table(scripted, ["NAME", "STATE", "MOUNTS", "CREATED", "LABELS"], [.. all.Select(v => (string[])[
                v.Volume.Name, Output.State(v.Volume), v.Mounts.Count.ToString(null, null), Output.Time(v.Volume.Created),
                v.Volume.Labels.Count == 0 ? "-" : string.Join(',', v.Volume.Labels.Select(l => $"{l.Key}={l.Value}"))])]);
        }

        return status;
    }
}
