using System.CommandLine;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol release</c>.</summary>
internal static class ReleaseCommand
{
    private static readonly Argument<string> Volume = new("VOL") { Description = "A volume that is mounted nowhere" };
    private static readonly Argument<string> To = new("DATASET|DIR")
    {
        Description = "What it becomes: a dataset of the same pool, or a directory of the same file system",
    };
    private static readonly Option<string?> Mountpoint = new("--mountpoint")
    {
        Description = "Mount the dataset there",
        HelpName = "DIR",
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("release", "Move a volume out of the store, by rename")
        {
            Volume, To, Mountpoint, Json, Feedback.Quiet, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Volume)!);
                var released = Releasing.Run(context, name, parsed.GetValue(To)!, parsed.GetValue(Mountpoint));
                Feedback.Say(parsed, name.Text, $"moved out of the store to {released.To}"
                    + (released.Place is null ? ", which is not mounted" : released.Place == released.To ? ""
                        : $", mounted on {released.Place}"));
                if (parsed.GetValue(Json))
                {
                    Output.Json(json =>
                    {
                        json.WriteStartObject();
                        json.WriteString("released", released.Volume.Text);
                        json.WriteString("to", released.To);
                        json.WriteString("mountpoint", released.Place);
                        json.WriteEndObject();
                    });
                }

                return ExitStatus.Done;
            },
            prints: parsed.GetValue(Json)));
        return command;
    }
}
