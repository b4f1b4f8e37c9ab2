using System;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol import</c>.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string> Volume = new("VOL") { Description = "The volume to make" };
    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "A tar archive or a ZFS stream; otherwise standard input",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<bool> Into = Verbs.Switch("Fill an empty volume, or receive an incremental ZFS stream", "--into");
    private static readonly Option<bool> Resume = Verbs.Switch("Keep a partial ZFS stream, or continue one", "--resume");
    private static readonly Option<string[]> Label = Verbs.Many("Label the new volume", "K=V", "--label", "-l");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was imported as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("import", "Make a volume from a tar archive or a ZFS stream, all or nothing")
        {
            Volume, File, Into, Resume, Label, Json, Feedback.Quiet, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context => Run(
                context, VolumeName.Parse(parsed.GetValue(Volume)!), parsed.GetValue(File) is { } file and not "-" ? file
                    : null, new ImportRules(parsed.GetValue(Into), parsed.GetValue(Resume)),
                parsed.GetValue(Label)!, parsed),
            prints: parsed.GetValue(Json)));
        return command;
    }

    private static ExitStatus Run(Context context, VolumeName name, string? file, ImportRules rules, string[] labels, ParseResult parsed)
    {
        if (file is null && !Console.IsInputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "standard input", "is a terminal; name a file, or redirect it");
        }

        if (rules.Into && labels.Length > 0)
        {
            var wanted = string.Join(' ', labels.Select(l => Shown.Quoted("label." + l)));
            throw new KvolException(ExitStatus.Usage, "--label", $"is for a new volume; to label this one: kvol set {name} {wanted}");
        }

        var result = Importing.Run(context, name, file, rules, new NewVolume(Labels: Filters.Labels(labels)));
        Feedback.Say(parsed, name.Text,
            $"{(result.Created ? "created" : "filled")}, {Feedback.Copied(result.Seed)} from {file ?? "standard input"}");
        if (parsed.GetValue(Json))
        {
            Output.Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("volume", result.Volume.Text);
                writer.WriteBoolean("created", result.Created);
                writer.WriteNumber("files", result.Seed.Files);
                writer.WriteNumber("bytes", result.Seed.Bytes);
                writer.WriteNumber("not_taken_count", result.NotTakenCount);
                Output.Strings(writer, "not_taken", result.NotTaken);
                writer.WriteNumber("not_kept_count", result.Seed.NotKeptCount);
                Output.Strings(writer, "not_kept", result.Seed.NotKept);
                writer.WriteEndObject();
            });
        }

        return result.NotTakenCount == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }
}
