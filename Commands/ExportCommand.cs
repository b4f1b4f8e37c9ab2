using System;
using System.CommandLine;
using Kvol.Storage;
using Kvol.Storage.Data;

namespace Kvol.Commands;

/// <summary><c>kvol export</c>.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> Volume = new("VOL[@NAME]") { Description = "A volume, or a snapshot of one" };
    private static readonly Option<string?> File = new("--output", "-o") { Description = "Write to this file; otherwise to standard output", HelpName = "FILE" };
    private static readonly Option<string> Format = new("--format") { Description = "tar", HelpName = "FORMAT", DefaultValueFactory = _ => "tar" };
    private static readonly Option<bool> Json = Verbs.Switch("Print what was exported as JSON (with -o)", "--json");

    public static Command Build()
    {
        var command = new Command("export", "Write a volume as a tar archive") { Volume, File, Format, Json };
        command.SetAction(parsed => Session.Run(parsed, context => Run(
            context, parsed.GetValue(Volume)!, parsed.GetValue(File) is { } file and not "-" ? file : null, parsed.GetValue(Format)!, parsed.GetValue(Json))));
        return command;
    }

    private static ExitStatus Run(Context context, string source, string? file, string format, bool json)
    {
        if (format != "tar")
        {
            throw new KvolException(format == "zfs" ? ExitStatus.Unavailable : ExitStatus.Usage, $"--format {format}", format == "zfs"
                ? $"the store {context.Configuration.Root} has no datasets to send; use --format tar" : "known formats: tar zfs");
        }

        if (file is null && json)
        {
            throw new KvolException(ExitStatus.Usage, "--json", "standard output is the archive; name a file with -o");
        }

        if (file is null && !Console.IsOutputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "standard output", "is a terminal, and an archive is not text; name a file with -o, or redirect it");
        }

        var result = Exporting.Run(context, source, file);
        if (json)
        {
            Output.Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("volume", result.Volume.Text);
                writer.WriteString("snapshot", result.Snapshot?.Name);
                writer.WriteString("format", format);
                writer.WriteString("file", result.File);
                writer.WriteNumber("files", result.Files);
                writer.WriteNumber("bytes", result.Bytes);
                writer.WriteNumber("written", result.Written);
                writer.WriteBoolean("consistent", result.IsConsistent);
                Output.Strings(writer, "not_kept", result.NotKept);
                writer.WriteEndObject();
            });
        }

        return result.IsConsistent ? ExitStatus.Done : ExitStatus.SomeFailed;
    }
}
