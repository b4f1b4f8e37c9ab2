using System;
using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol export</c>.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> Volume = new("VOL[@NAME]") { Description = "A volume, or a snapshot of one" };
    private static readonly Option<string?> File = new("--output", "-o") { Description = "Write to this file; otherwise to standard output", HelpName = "FILE" };
    private static readonly Option<string> Format = new("--format") { Description = "tar, or zfs: a send stream", HelpName = "FORMAT", DefaultValueFactory = _ => "tar" };
    private static readonly Option<string?> From = new("-i") { Description = "Only what changed since this snapshot (zfs)", HelpName = "SNAP" };
    private static readonly Option<bool> Raw = Verbs.Switch("As it lies on disk: encrypted data stays encrypted (zfs)", "--raw");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was exported as JSON (with -o)", "--json");

    public static Command Build()
    {
        var command = new Command("export", "Write a volume as a tar archive or a ZFS stream") { Volume, File, Format, From, Raw, Json };
        command.SetAction(parsed => Session.Run(parsed, context => Run(
            context, parsed.GetValue(Volume)!, parsed.GetValue(File) is { } file and not "-" ? file : null, parsed.GetValue(Format)!, parsed.GetValue(From), parsed.GetValue(Raw), parsed.GetValue(Json))));
        return command;
    }

    private static ExitStatus Run(Context context, string source, string? file, string format, string? from, bool raw, bool json)
    {
        if (format is not ("tar" or "zfs") || (format == "tar" && (raw || from is not null)))
        {
            throw new KvolException(ExitStatus.Usage, $"--format {format}", "known formats: tar zfs; -i and --raw go with zfs");
        }

        if (file is null && json)
        {
            throw new KvolException(ExitStatus.Usage, "--json", "standard output is the archive; name a file with -o");
        }

        if (file is null && !Console.IsOutputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "standard output", "is a terminal, and an archive is not text; name a file with -o, or redirect it");
        }

        var result = format == "tar" ? Exporting.Run(context, source, file) : Exporting.RunStream(context, source, from, raw, file);
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
                Output.Strings(writer, "not_kept", [.. result.NotKept, .. result.LeftOut]);
                writer.WriteEndObject();
            });
        }

        return result.IsUnchanged ? ExitStatus.Done : ExitStatus.SomeFailed;
    }
}
