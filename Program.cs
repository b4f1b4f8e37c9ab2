using System;
using System.IO;
using Kvol.Commands;
using Kvol.Storage.Values;

namespace Kvol;

/// <summary>Runs the command line, and reports a failure as one line and an exit status.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            Session.Begin();
            return CompleteCommand.TryRun(args) ? 0 : CommandLine.Read(Words(args)).Run();
        }
        catch (KvolException e)
        {
            return Fail(e.Message, e.Status);
        }
        catch (IOException e) when (Session.StatusOf(e) != ExitStatus.Internal)
        {
            return Fail(Session.TextOf(e), Session.StatusOf(e));
        }
        catch (Exception e)
        {
            // A bug. The number serves to find reports of it; nothing else in the exception would help a user.
            return Fail(
                $"internal error 0x{e.HResult:x}: this is a fault of kvol's; please report it with the command line and 'kvol version'",
                ExitStatus.Internal);
        }
    }

    private static string[] Words(string[] args) =>
        Environment.GetCommandLineArgs() is [var program, ..] ? OciCommand.Words(program, args) : args;

    private static int Fail(string message, ExitStatus status)
    {
        Output.Message(message);
        return (int)status;
    }
}
