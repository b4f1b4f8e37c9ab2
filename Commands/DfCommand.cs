using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol df</c>.</summary>
internal static class DfCommand
{
    private static readonly Argument<string[]> Names = new("VOL")
    {
        Description = "Volumes to show; default: all",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab, bytes", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    public static Command Build()
    {
        var command = new Command("df", "Show disk usage") { Names, Scripted, Json };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var status = ExitStatus.Done;
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
                WriteTable(uses, parsed.GetValue(Scripted));
            }

            return failed == ExitStatus.Done ? status : failed;
        }));
        return command;
    }

    private static void WriteTable(List<(string Name, SpaceUse Use)> uses, bool scripted) => Table.Print(
        scripted,
        [
            "NAME", Number("USED"), Number("APPARENT"), Number("REFER"), Number("SNAPSHOTS"), Number("POOLSAVED"), Number("QUOTA"),
            Number("AVAIL"),
        ],
        uses.Select(u => (string[])[
            u.Name, .. ((long?[])[u.Use.Used, u.Use.Apparent, u.Use.Referenced, u.Use.Snapshots, u.Use.SavedInPool, u.Use.Quota,
                u.Use.Available])
                .Select(n => Table.Bytes(n, scripted))]));

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
