using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol mount</c>.</summary>
internal static class MountCommand
{
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "Root directory of the jail" };
    private static readonly Argument<string[]> Specs = new("SPEC")
    {
        Description = "SOURCE:DEST[:OPT,...]",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<bool> Force = Verbs.Switch("Mount single files even under a running jail", "-f", "--force");
    private static readonly Option<bool> Snapshot = Verbs.Switch("First take snapshots of the volumes that exist", "--snapshot");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("mount", "Mount volumes or host directories in a root directory")
        {
            Root, Specs, Force, Snapshot, Json, Feedback.Quiet, Feedback.Verbose, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var results = Mounter.Mount(context, parsed.GetValue(Root)!, [.. parsed.GetValue(Specs)!.Select(MountSpec.Parse)],
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
}
