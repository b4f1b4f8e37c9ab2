using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol df</c>.</summary>
internal static class DfCommand
{
    /// <summary>The formats for other programs that <c>--format</c> takes.</summary>
    public static readonly string[] Formats = ["prometheus"];

    private static readonly Argument<string[]> Names = new("VOL")
    {
        Description = "Volumes to show; default: all",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Deleted = Verbs.Switch("Deleted volumes that are kept", "--deleted");
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab, bytes", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    private static readonly Option<string?> Format = new("--format")
    {
        Description = "prometheus: metrics for the textfile collector of node_exporter",
        HelpName = "FORMAT",
    };

    public static Command Build()
    {
        var command = new Command("df", "Show disk usage") { Names, Deleted, Scripted, Json, Format };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var status = ExitStatus.Done;
            if (parsed.GetValue(Format) is { } format)
            {
                return ShowMetrics(context, parsed, format);
            }

            if (parsed.GetValue(Deleted))
            {
                return ShowDeleted(context, parsed);
            }

            var given = parsed.GetValue(Names) is { Length: > 0 } typed ? typed.Select(VolumeName.Parse).ToArray() : null;
            var names = given ?? VolumeProperties.AllNames(context, e =>
            {
                context.Warn(e.Message);
                status = e.Status;
            });
            var uses = new List<(string Name, SpaceUse Use)>();
            var failed = Session.ForEach(names, name =>
            {
                if ((given is null ? VolumeProperties.FindSpace(context, name) : VolumeProperties.Space(context, name)) is { } use)
                {
                    uses.Add((name.Text, use));
                }
            });
            if (parsed.GetValue(Json))
            {
                WriteJson(uses);
            }
            else
            {
                var scripted = parsed.GetValue(Scripted);
                WriteTable(uses, scripted, scripted || given is not null ? null : Deleting.Space(context));
            }

            return failed == ExitStatus.Done ? status : failed;
        }));
        return command;
    }

    // A file with half of the metrics would look as if the other volumes were gone, so nothing is printed before all is known.
    private static ExitStatus ShowMetrics(Context context, ParseResult parsed, string format)
    {
        if (!Formats.Contains(format))
        {
            throw new KvolException(ExitStatus.Usage, $"{Format.Name} {Shown.Word(format)}",
                $"unknown format; known: {string.Join(' ', Formats)}");
        }

        Verbs.Refuse(parsed, $"cannot be used with {Format.Name}", Deleted, Scripted, Json);
        var names = parsed.GetValue(Names) is { Length: > 0 } typed ? typed.Select(VolumeName.Parse).ToArray() : null;
        if (Monitoring.Measure(context, names) is { } figures)
        {
            Output.Verbatim(Exposition.Of(figures));
        }

        return ExitStatus.Done;
    }

    private static ExitStatus ShowDeleted(Context context, ParseResult parsed)
    {
        if (parsed.GetValue(Names) is { Length: > 0 })
        {
            throw new KvolException(ExitStatus.Usage, Deleted.Name, "shows all deleted volumes; leave out the names");
        }

        var status = ExitStatus.Done;
        var uses = Deleting.Uses(context, e =>
        {
            context.Warn(e.Message);
            status = e.Status;
        });
        if (parsed.GetValue(Json))
        {
            DataOutput.Deleted(uses.Select(u => u.Volume), [.. uses.Select(u => u.Bytes)]);
            return status;
        }

        var scripted = parsed.GetValue(Scripted);
        Table.Print(scripted, ["NAME", "ID", new Column("USED", Number: true), "KEPT UNTIL"], uses.Select(u => (string[])[
            u.Volume.Name.Text, u.Volume.Id, Table.Bytes(u.Bytes, scripted), Table.Time(u.Volume.Deletion.Until, scripted)]));
        return status;
    }

    private static void WriteTable(List<(string Name, SpaceUse Use)> uses, bool scripted, DeletedSpace? deleted) => Table.Print(
        scripted,
        [
            "NAME", Number("USED"), Number("APPARENT"), Number("REFER"), Number("SNAPSHOTS"), Number("POOLSAVED"), Number("QUOTA"),
            Number("AVAIL"),
        ],
        uses.Select(u => (string[])[
            u.Name, .. ((long?[])[u.Use.Used, u.Use.Apparent, u.Use.Referenced, u.Use.Snapshots, u.Use.SavedInPool, u.Use.Quota,
                u.Use.Available])
                .Select(n => Table.Bytes(n, scripted))]).Concat(deleted is null ? [] :
            [[$"({deleted.Count} deleted)", Table.Bytes(deleted.Bytes, scripted), .. Enumerable.Repeat(Table.Nothing, 6)]]));

    private static Column Number(string name) => new(name, Number: true, Optional: true);

    private static void WriteJson(List<(string Name, SpaceUse Use)> uses) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var (name, use) in uses)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            Number("used", use.Used);
            Number("apparent", use.Apparent);
            Number("referenced", use.Referenced);
            Number("snapshots", use.Snapshots);
            Number("saved_in_pool", use.SavedInPool);
            Number("quota", use.Quota);
            Number("available", use.Available);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Number(string key, long? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(key, number);
            }
            else
            {
                json.WriteNull(key);
            }
        }
    });
}
