using System.CommandLine;
using Kvol.Storage;
using Kvol.Storage.Data;

namespace Kvol.Commands;

/// <summary><c>kvol load-key</c>.</summary>
internal static class LoadKeyCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "An encrypted volume" };
    private static readonly Option<string?> KeyFile = new("--key-file") { Description = "Its key; otherwise the file that it was created with", HelpName = "FILE" };

    public static Command Build()
    {
        var command = new Command("load-key", "Make an encrypted volume readable (ZFS store)") { Name, KeyFile };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                Keys.Load(context, VolumeName.Parse(parsed.GetValue(Name)!), parsed.GetValue(KeyFile));
                return ExitStatus.Done;
            },
            prints: false));
        return command;
    }
}
