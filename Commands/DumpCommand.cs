using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol dump</c>.</summary>
internal static class DumpCommand
{
    public static Command Build()
    {
        var command = new Command("dump", "Print what this host has as a file for apply");
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var status = ExitStatus.Done;
            DeclareOutput.File(Dumping.Read(context, e =>
            {
                context.Warn(e.Message);
                status = e.Status;
            }));
            return status;
        }));
        return command;
    }
}
