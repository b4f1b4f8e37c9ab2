using System;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol export</c>.</summary>
internal static class ExportCommand
{
    /// <summary>The formats that it can write.</summary>
    public static readonly string[] Formats = ["tar", "zfs"];

    private static readonly Argument<string?> Volume = new("VOL[@NAME]")
    {
        Description = "A volume, or a snapshot of one",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string?> File = new("--output", "-o")
    {
        Description = "Write to this file (default: standard output); with --group, into this directory, which is absent or empty",
        HelpName = "FILE",
    };
    private static readonly Option<string?> Format = new("--format")
    {
        Description = "tar (default), or zfs (a send stream)",
        HelpName = "FORMAT",
    };
    private static readonly Option<string?> From = new("--since", "-i")
    {
        Description = "Write only changes since this snapshot; with -, read the other host's snapshot list from standard input (zfs)",
        HelpName = "SNAP",
    };
    private static readonly Option<bool> Raw = Verbs.Switch("Send raw blocks: encrypted data stays encrypted (zfs)", "--raw");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was exported as JSON (with -o)", "--json");

    public static Command Build()
    {
        var command = new Command("export", "Write volumes as tar archives or ZFS streams")
        {
            Volume, GroupOption.Group, File, Format, From, Raw, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var group = GroupChoice.Parse(parsed.GetValue(GroupOption.Group));
            GroupOption.RequireOne("export", parsed.GetValue(Volume), "VOL[@NAME]", group);
            return Run(context, parsed.GetValue(Volume), group, parsed.GetValue(File) is { } file and not "-" ? file : null,
                parsed.GetValue(Format) ?? "tar", parsed.GetValue(From), parsed.GetValue(Raw), parsed.GetValue(Json));
        }));
        return command;
    }

    private static ExitStatus Run(Context context, string? source, GroupChoice? group, string? file, string format, string? from, bool raw,
        bool json)
    {
        if (!Formats.Contains(format))
        {
            throw new KvolException(ExitStatus.Usage, $"--format {Shown.Word(format)}",
                $"unknown format; known: {string.Join(' ', Formats)}");
        }

        if (format != "zfs" && (raw || from is not null))
        {
            throw new KvolException(ExitStatus.Usage, from is null ? "--raw" : $"--since {Shown.Word(from)}", "needs --format zfs");
        }

        if (from == Exporting.FromList && !Console.IsInputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "--since -",
                "standard input is a terminal; pipe the list of the other side into it: ssh HOST kvol ls -t snapshot --json VOL |");
        }

        if (group is not null)
        {
            return Run(context, group, file, format, from, raw, json);
        }

        if (file is null && json)
        {
            throw new KvolException(ExitStatus.Usage, "--json", "standard output is the archive; name a file with -o");
        }

        if (file is null && !Console.IsOutputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "standard output",
                "will not write an archive to a terminal; use -o FILE or redirect it");
        }

        var result = format == "tar" ? Exporting.Run(context, source!, file) : Exporting.RunStream(context, source!, from, raw, file);
        if (json)
        {
            Output.Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("volume", result.Volume.Text);
                writer.WriteString("snapshot", result.Snapshot?.Name);
                writer.WriteString("since", result.Since);
                writer.WriteString("format", format);
                writer.WriteString("file", result.File);
                result.WriteFigures(writer);
                writer.WriteEndObject();
            });
        }

        return result.IsUnchanged ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    private static ExitStatus Run(Context context, GroupChoice group, string? directory, string format, string? from, bool raw, bool json)
    {
        if (directory is null)
        {
            throw new KvolException(ExitStatus.Usage, "--group", "needs -o DIRECTORY");
        }

        if (from is not null)
        {
            throw new KvolException(ExitStatus.Usage, $"--since {Shown.Word(from)}",
                "cannot be used with --group; export the volumes one by one");
        }

        var result = ExportingGroups.Run(context, group, directory, format, raw);
        if (json)
        {
            Output.Json(result.Write);
        }

        return result.Volumes.All(v => v.IsUnchanged) ? ExitStatus.Done : ExitStatus.SomeFailed;
    }
}
