using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol apply</c>.</summary>
internal static class ApplyCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "What the host should have; - is standard input" };
    private static readonly Option<bool> DryRun = Verbs.Switch("Only say what would be done", "-n", "--dry-run");
    private static readonly Option<bool> Prune = Verbs.Switch("Also unmount, in the root directories of the file, what it does not list",
        "--prune");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("apply", "Create, change and mount what a file describes")
        {
            File, DryRun, Prune, Json, Feedback.Quiet, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                context = context.Watching(parsed.GetValue(DryRun));
                var items = HostPlan.Of(context, HostPlan.Read(context, parsed.GetValue(File)!));
                var done = new List<PlanStep>();
                var applying = new Applying(context, parsed.GetValue(Prune), step =>
                {
                    done.Add(step);
                    if (!parsed.GetValue(Json) && !parsed.GetValue(Feedback.Quiet))
                    {
                        Output.Line(DeclareOutput.Line(step));
                    }
                });
                var status = Session.ForEach(items, applying.Run);
                if (parsed.GetValue(Json))
                {
                    DeclareOutput.Steps(done);
                }

                return status;
            },
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone)));
        return command;
    }
}
