using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol rename</c>.</summary>
internal static class RenameCommand
{
    private static readonly Argument<string> Old = new("VOL") { Description = "A volume that is mounted nowhere" };
    private static readonly Argument<string> New = new("NEW") { Description = "A name that is free" };
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("rename", "Give a volume another name") { Old, New, Json, Feedback.Quiet, Feedback.WayBack };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var (name, to) = (VolumeName.Parse(parsed.GetValue(Old)!), VolumeName.Parse(parsed.GetValue(New)!));
                Renaming.Run(context, name, to);
                Feedback.Say(parsed, name.Text, $"renamed to {to}");
                if (parsed.GetValue(Json))
                {
                    Output.Json(json =>
                    {
                        json.WriteStartObject();
                        json.WriteString("renamed", name.Text);
                        json.WriteString("volume", to.Text);
                        json.WriteEndObject();
                    });
                }

                return ExitStatus.Done;
            },
            prints: parsed.GetValue(Json)));
        return command;
    }
}
