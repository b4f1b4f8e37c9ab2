using System;
using System.IO;
using Kvol.Commands;
using Kvol.Storage.Values;

namespace Kvol;

/// <summary>Runs the command line, and turns what went wrong into one line and an exit status.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            Session.Begin();
            return CompleteCommand.TryRun(args) ? 0 : CommandLine.Read(args).Run();
        }
        catch (KvolException e)
        {
            return Fail(e.Message, e.Status);
        }
        catch (IOException e) when (Session.StatusOf(e) != ExitStatus.Internal)
        {
            return Fail(e.Message, Session.StatusOf(e));
        }
        catch (Exception e)
        {
            // Nobody foresaw it. The number is what a report can be searched by; there is nothing else in it that would help its reader.
            return Fail(
                $"internal error 0x{e.HResult:x}: this is a fault of kvol's; please report it with the command line and 'kvol version'",
                ExitStatus.Internal);
        }
    }

    private static int Fail(string message, ExitStatus status)
    {
        Output.Message(message);
        return (int)status;
    }
}
