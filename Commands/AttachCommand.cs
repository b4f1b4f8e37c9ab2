using System.CommandLine;
using System.Globalization;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol attach</c>.</summary>
internal static class AttachCommand
{
    private static readonly Argument<string> Jail = new("JAIL") { Description = "The jail's name" };
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "Root directory of the jail" };
    private static readonly Option<string?> Pid = new("--pid")
    {
        Description = "A process of the jail; gc unmounts when it has ended",
        HelpName = "PID",
    };
    private static readonly Option<bool> Force = Verbs.Switch("Mount single files even under a running jail", "-f", "--force");
    private static readonly Option<bool> Snapshot = Verbs.Switch("First take snapshots of the volumes that exist", "--snapshot");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("attach", "Mount for a jail, remembered under its name (for exec.prestart)")
        {
            Jail, Root, SpecList.Operands, SpecList.File, Pid, Force, Snapshot, Json, Feedback.Quiet, Feedback.Verbose, CopyFlags.Jobs,
            CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var (jail, root) = (parsed.GetValue(Jail)!, parsed.GetValue(Root)!);
                var results = Attacher.Run(context, jail, root, SpecList.Of(parsed, context, root, jail), PidOf(parsed),
                    parsed.GetValue(Force), parsed.GetValue(Snapshot));
                Feedback.Mounted(parsed, results);
                if (parsed.GetValue(Json))
                {
                    Output.Mounted(results);
                }

                return ExitStatus.Done;
            },
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }

    private static int? PidOf(ParseResult parsed) => parsed.GetValue(Pid) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid
        : throw new KvolException(ExitStatus.Usage, $"--pid {Shown.Word(text)}", "must be the number of a process");
}
