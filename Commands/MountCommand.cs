using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol mount</c>.</summary>
internal static class MountCommand
{
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "Root directory of the jail" };
    private static readonly Option<bool> Force = Verbs.Switch("Mount single files even under a running jail", "-f", "--force");
    private static readonly Option<bool> Snapshot = Verbs.Switch("First take snapshots of the volumes that exist", "--snapshot");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("mount", "Mount volumes or host directories in a root directory")
        {
            Root, SpecList.Operands, SpecList.File, Force, Snapshot, Json, Feedback.Quiet, Feedback.Verbose, CopyFlags.Jobs,
            CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var root = parsed.GetValue(Root)!;
                var specs = SpecList.Of(parsed, context, root, jail: null).Select(MountSpec.Parse);
                var results = Mounter.Mount(context, root, [.. specs], parsed.GetValue(Force), parsed.GetValue(Snapshot));
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
}
