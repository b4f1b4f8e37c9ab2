using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol load-key</c>.</summary>
internal static class LoadKeyCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "An encrypted volume" };
    private static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "Its key; otherwise the file that it was created with",
        HelpName = "FILE",
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print the name of the volume as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("load-key", "Make an encrypted volume readable (ZFS store)") { Name, KeyFile, Json };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Name)!);
                Keys.Load(context, name, parsed.GetValue(KeyFile));
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
