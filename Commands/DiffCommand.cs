using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol diff</c>.</summary>
internal static class DiffCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "What the host should have; - is standard input" };
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    public static Command Build()
    {
        var command = new Command("diff", "Show how this host differs from a file; exit with 2 if it does") { File, Json, Feedback.Quiet };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var items = HostPlan.Of(context, HostPlan.Read(context, parsed.GetValue(File)!));
            var steps = new List<PlanStep>();
            var status = Session.ForEach(items, item => steps.AddRange(item.Failure is null ? item.Steps : throw item.Failure));
            if (parsed.GetValue(Json))
            {
                DeclareOutput.Steps(steps);
            }
            else if (!parsed.GetValue(Feedback.Quiet))
            {
                steps.Select(DeclareOutput.Line).ToList().ForEach(Output.Line);
            }

            return status != ExitStatus.Done ? status : steps.Count > 0 ? ExitStatus.Different : ExitStatus.Done;
        }));
        return command;
    }
}
