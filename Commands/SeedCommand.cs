using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol seed</c>.</summary>
internal static class SeedCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "An empty volume" };
    private static readonly Argument<string> Directory = new("DIR") { Description = "A directory of this host" };
    private static readonly Option<bool> Recursive = Verbs.Switch("Also copy file systems mounted below DIR", "--recursive");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was copied as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("seed", "Fill an empty, unmounted volume with a copy of a directory")
        {
            Name, Directory, Recursive, Json, Feedback.Quiet, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var seed = Seeding.FromHost(context, VolumeName.Parse(parsed.GetValue(Name)!), parsed.GetValue(Directory)!,
                    parsed.GetValue(Recursive));
                Feedback.Say(parsed, parsed.GetValue(Name)!, $"seeded with {Feedback.Copied(seed)} from {parsed.GetValue(Directory)}");
                if (parsed.GetValue(Json))
                {
                    Output.Json(json => Output.Seed(json, seed, whole: true));
                }

                return ExitStatus.Done;
            },
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }
}
