using System.CommandLine;
using Kvol.Storage;
using Kvol.Storage.Data;

namespace Kvol.Commands;

/// <summary><c>kvol unload-key</c>.</summary>
internal static class UnloadKeyCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "An encrypted volume" };

    public static Command Build()
    {
        var command = new Command("unload-key", "Make an encrypted volume unreadable until its key is loaded again (ZFS store)") { Name };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                Keys.Unload(context, VolumeName.Parse(parsed.GetValue(Name)!));
                return ExitStatus.Done;
            },
            prints: false));
        return command;
    }
}
