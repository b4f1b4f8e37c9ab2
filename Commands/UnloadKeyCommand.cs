using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol unload-key</c>.</summary>
internal static class UnloadKeyCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "An encrypted volume" };
    private static readonly Option<bool> Json = Verbs.Switch("Print the name of the volume as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("unload-key", "Make an encrypted volume unreadable until its key is loaded again (ZFS store)")
        {
            Name, Json, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Name)!);
                Keys.Unload(context, name);
                if (parsed.GetValue(Json))
                {
                    DataOutput.Volume(name);
                }

                return ExitStatus.Done;
            },
            prints: parsed.GetValue(Json)));
        return command;
    }
}
