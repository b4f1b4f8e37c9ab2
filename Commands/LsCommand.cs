using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol ls</c>.</summary>
internal static class LsCommand
{
    /// <summary>The types that it can list, by the names that <c>-t</c> takes.</summary>
    public static readonly string[] Types = ["volume", "snapshot"];

    private const string DefaultColumns = "name,state,mounts,created,labels";

    private static readonly Argument<string[]> Names = new("VOL")
    {
        Description = "Volumes to list; default: all",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<string?> Type = new("--type", "-t")
    {
        Description = "volume (the default) or snapshot",
        HelpName = "TYPE",
    };
    private static readonly Option<bool> Deleted = Verbs.Switch("Deleted volumes that are kept: see undelete", "--deleted");
    private static readonly Option<bool> Quiet = Verbs.Switch("Names only", "-q", "--quiet");
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");
    private static readonly Option<string?> Columns = new("-o")
    {
        Description = "Columns, separated by commas: " + string.Join(' ', LsColumn.All.Select(c => c.Name)),
        HelpName = "COLUMNS",
    };
    private static readonly Option<string?> Sort = new("--sort") { Description = "Sort by a column; default: name", HelpName = "COLUMN" };
    private static readonly Option<string[]> Filter = Verbs.Many(
        "Only volumes that match: name=GLOB label=K[=V] label!=K[=V] state=STATE until=TIME anonymous=BOOL mounted=BOOL "
        + "unused=TIME", "KEY=VALUE",
        "--filter");

    public static Command Build()
    {
        var command = new Command("ls", "List volumes, snapshots or deleted volumes")
        {
            Names, Type, Deleted, Quiet, Scripted, Json, Columns, Sort, Filter,
        };
        command.SetAction(parsed => Session.Read(parsed, context => Run(context, parsed)));
        return command;
    }

    private static ExitStatus Run(Context context, ParseResult parsed)
    {
        var type = parsed.GetValue(Type) ?? "volume";
        if (!Types.Contains(type))
        {
            throw new KvolException(ExitStatus.Usage, $"--type {Shown.Word(type)}", $"no such type; known: {string.Join(' ', Types)}");
        }

        var names = parsed.GetValue(Names)!.Select(VolumeName.Parse).ToArray();
        if (type == "volume" && !parsed.GetValue(Deleted))
        {
            return Volumes(context, parsed, names);
        }

        if (parsed.GetValue(Deleted))
        {
            Refuse(parsed, Deleted, Filter, Columns, Sort, Type);
            return ListDeleted(context, parsed, names);
        }

        Refuse(parsed, Type, Filter, Columns, Sort);
        return Snapshots(context, parsed, names);
    }

    private static void Refuse(ParseResult parsed, Option list, params Option[] options) =>
        Verbs.Refuse(parsed, $"cannot be used with {list.Name}", options);

    private static ExitStatus ListDeleted(Context context, ParseResult parsed, VolumeName[] names)
    {
        var status = ExitStatus.Done;
        var deleted = Deleting.List(context, e => status = Damaged(context, e))
            .Where(d => names.Length == 0 || names.Contains(d.Name)).ToList();
        status = Missing(context, [.. names.Where(n => deleted.TrueForAll(d => d.Name != n))], names.Length,
            n => $"{n}: no deleted volume of this name is kept", status);
        if (parsed.GetValue(Json))
        {
            DataOutput.Deleted(deleted);
        }
        else
        {
            DataOutput.Deleted(deleted, parsed.GetValue(Quiet), parsed.GetValue(Scripted));
        }

        return status;
    }

    private static ExitStatus Snapshots(Context context, ParseResult parsed, VolumeName[] names)
    {
        var status = ExitStatus.Done;
        var snapshots = Snapshotting.List(context, names, e => status = Damaged(context, e));
        if (parsed.GetValue(Json))
        {
            DataOutput.Snapshots(snapshots);
        }
        else
        {
            DataOutput.Snapshots(snapshots, parsed.GetValue(Quiet), parsed.GetValue(Scripted));
        }

        return status;
    }

    private static ExitStatus Volumes(Context context, ParseResult parsed, VolumeName[] names)
    {
        var columns = LsColumn.Parse(parsed.GetValue(Columns) ?? DefaultColumns);
        var key = parsed.GetValue(Sort) is { } sort and not "name" ? LsColumn.Find(sort, "--sort") : null;
        var matches = Filters.Parse(parsed.GetValue(Filter)!);
        var status = ExitStatus.Done;
        var volumes = new Volumes(context);
        if (parsed.GetValue(Quiet) && names.Length == 0 && key is null && !parsed.GetValue(Json) && parsed.GetValue(Filter)!.Length == 0)
        {
            Table.Print(true, ["NAME"], volumes.Names(e => status = Damaged(context, e)).Select(n => (string[])[n]));
            return status;
        }

        var wanted = names.Select(n => n.Text).ToHashSet();
        var seen = new HashSet<string>();
        // A list of names alone needs no mount table.
        var asks = parsed.GetValue(Json) || key?.AsksForMounts == true || parsed.GetValue(Filter)!.Any(Filters.AsksForMounts)
            || (!parsed.GetValue(Quiet) && Array.Exists(columns, c => c.AsksForMounts));
        var uses = parsed.GetValue(Json) || key?.AsksForUses == true || Filters.Unused(parsed.GetValue(Filter)!) is not null
            || (!parsed.GetValue(Quiet) && Array.Exists(columns, c => c.AsksForUses));
        IReadOnlyList<ListedRow> all = [.. volumes.List(
            v => (wanted.Count == 0 || (wanted.Contains(v.Entry.Text) && seen.Add(v.Entry.Text))) && matches(v),
            e => status = Damaged(context, e), everywhere: asks ? true : null, uses)
            .Select(v => new ListedRow(v.Entry, v.Mounts, v.Use, volumes.Used))];
        all = key is null ? all : [.. all.OrderBy(key.Key)];
        status = Missing(context, [.. names.Where(n => !seen.Contains(n.Text))], names.Length,
            n => Refusals.NoSuchVolume(n).Message, status);
        if (parsed.GetValue(Json))
        {
            Output.Json(writer =>
            {
                writer.WriteStartArray();
                foreach (var listed in all)
                {
                    Output.Entry(writer, listed.Entry, listed.Mounts, listed.Use);
                }

                writer.WriteEndArray();
            });
        }
        else if (parsed.GetValue(Quiet))
        {
            Table.Print(true, ["NAME"], all.Select(v => (string[])[v.Entry.Text]));
        }
        else
        {
            var scripted = parsed.GetValue(Scripted);
            Table.Print(
                scripted, [.. columns.Select(c => new Column(c.Name.ToUpperInvariant(), c.Number))],
                all.Select(v => Array.ConvertAll(columns, c => c.Text(v, scripted))));
        }

        return status;
    }

    private static ExitStatus Damaged(Context context, KvolException e)
    {
        context.Warn(e.Message);
        return e.Status;
    }

    // A given name that does not exist is reported; the others are still listed.
    private static ExitStatus Missing(Context context, VolumeName[] missing, int given, Func<VolumeName, string> message, ExitStatus status)
    {
        foreach (var name in missing)
        {
            context.Warn(message(name));
        }

        return missing.Length == 0 ? status : given == 1 ? ExitStatus.NoInput : ExitStatus.SomeFailed;
    }
}
