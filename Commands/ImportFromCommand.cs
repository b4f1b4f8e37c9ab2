using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol import-from</c>.</summary>
internal static class ImportFromCommand
{
    private static readonly Argument<string> Kind = new("KIND") { Description = "docker, podman or fstab" };
    private static readonly Argument<string> Source = new("DIR|FILE")
    {
        Description = "Where Docker or podman keeps its state, or a file in the form of fstab(5)",
    };
    private static readonly Option<bool> Yes = Verbs.Switch("Take the volumes, and print the file for apply", "-y", "--yes");
    private static readonly Option<string?> RootDirectory = new("--rootdir")
    {
        Description = "The root directory of fstab's mounts, or the directory that holds one for each container",
        HelpName = "DIR",
    };
    private static readonly Option<string?> Jail = new("--jail")
    {
        Description = "The jail of fstab's mounts",
        HelpName = "JAIL",
    };

    public static Command Build()
    {
        var command = new Command("import-from", "Take the volumes and mounts of Docker, podman or an fstab file")
        {
            Kind, Source, Yes, RootDirectory, Jail, Feedback.Quiet, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed, context => Run(parsed, context), CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone)));
        return command;
    }

    private static ExitStatus Run(ParseResult parsed, Context context)
    {
        var (kind, path, above) = (parsed.GetValue(Kind)!, parsed.GetValue(Source)!, parsed.GetValue(RootDirectory));
        var isFile = Checked(parsed, kind, above);
        path = isFile ? path : ImportingFrom.Place(path);
        var jail = parsed.GetValue(Jail) is { } name ? JailName.Parse(name) : null;
        if (isFile || !parsed.GetValue(Yes))
        {
            var found = Read(context, kind, path, above);
            if (isFile)
            {
                DeclareOutput.File(ImportingFrom.Declare(context, found, above, jail));
            }
            else
            {
                List(found);
            }

            return found.Left.Count == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
        }

        using var held = ImportingFrom.Hold(kind, path);
        var host = Read(context, kind, path, above);
        var status = Session.ForEach(host.Volumes, volume =>
        {
            var adopted = ImportingFrom.Take(context, volume);
            Feedback.Say(parsed, volume.Name.Text, AdoptCommand.Text(adopted));
        }, evenOne: true);
        DeclareOutput.File(ImportingFrom.Declare(context, host, above, null));
        return host.Left.Count == 0 ? status : ExitStatus.SomeFailed;
    }

    private static bool Checked(ParseResult parsed, string kind, string? above)
    {
        if (!ImportingFrom.Kinds.Contains(kind))
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(kind), $"is not {string.Join(", ", ImportingFrom.Kinds[..^1])} or "
                + ImportingFrom.Kinds[^1]);
        }

        var isFile = kind == "fstab";
        if (isFile && above is null)
        {
            throw new KvolException(ExitStatus.Usage, kind, $"needs {RootDirectory.Name} DIR, the root directory below which it mounts");
        }

        Verbs.Refuse(parsed, isFile ? "takes nothing from a file in the form of fstab(5), which names no volumes" : "is for fstab only",
            isFile ? Yes : Jail);
        return isFile;
    }

    private static ForeignHost Read(Context context, string kind, string path, string? above)
    {
        var found = ImportingFrom.Read(context, kind, path, above);
        foreach (var line in found.Left)
        {
            context.Warn(line);
        }

        return found;
    }

    private static void List(ForeignHost found)
    {
        foreach (var volume in found.Volumes)
        {
            string[] details = [.. volume.Labels.Select(l => $"{l.Key}={l.Value}"), .. volume.Anonymous ? (string[])["anonymous"] : []];
            Output.Line($"volume {volume.Name} from {Shown.Quoted(volume.Directory)}"
                + (details.Length > 0 ? $" ({Shown.Of(string.Join(' ', details))})" : ""));
        }

        foreach (var root in found.Roots)
        {
            foreach (var mount in root.Mounts)
            {
                Output.Line($"mount {Shown.Quoted(mount.Text)} in {Shown.Word(root.Name!)}");
            }
        }
    }
}
