using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol exists</c>.</summary>
internal static class ExistsCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "A volume" };

    public static Command Build()
    {
        var command = new Command("exists", "Tell by the exit status whether a volume exists: 0, or 66") { Name };
        command.SetAction(parsed => Session.Read(
            parsed,
            context => new Volumes(context).Exists(VolumeName.Parse(parsed.GetValue(Name)!)) ? ExitStatus.Done : ExitStatus.NoInput,
            prints: false));
        return command;
    }
}
