using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol clone</c>.</summary>
internal static class CloneCommand
{
    private static readonly Argument<string> Source = new("VOL[@NAME]") { Description = "A volume, or a snapshot of one" };
    private static readonly Argument<string> New = new("NEW") { Description = "A name that is free" };
    private static readonly Option<string[]> Label = Verbs.Many("Label the new volume", "K=V", "--label", "-l");
    private static readonly Option<bool> Promote = Verbs.Switch("Let the old one stand on the new one, not the other way round (ZFS store)", "--promote");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was copied as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("clone", "Make a new volume with the content of another one") { Source, New, Label, Promote, Json, CopyFlags.Jobs, CopyFlags.NoClone };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var seed = Cloning.Run(
                    context, parsed.GetValue(Source)!, VolumeName.Parse(parsed.GetValue(New)!), new NewVolume(Labels: Filters.Labels(parsed.GetValue(Label)!)), parsed.GetValue(Promote));
                if (parsed.GetValue(Json))
                {
                    Output.Json(json => Output.Seed(json, seed, whole: true, isConsistent: seed.NotKeptCount == 0));
                }

                return ExitStatus.Done;
            },
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }
}
