using System;
using System.CommandLine;
using System.IO;
using Kvol.Commands;
using Kvol.Storage.Values;

namespace Kvol;

/// <summary>Chooses the verb, and turns what went wrong into one line and an exit status.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            Session.GuardStandardDescriptors();
            var result = Verbs.Root(args).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @NAME is no file with more words
            if (result.Errors.Count > 0)
            {
                var verb = result.CommandResult == result.RootCommandResult ? "" : result.CommandResult.Command.Name + " ";
                throw new KvolException(ExitStatus.Usage, "usage", $"{result.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}; see 'kvol {verb}--help'");
            }

            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (KvolException e)
        {
            return Fail(e.Message, e.Status);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted: what was begun was undone", ExitStatus.SomeFailed);
        }
        catch (IOException e)
        {
            return Fail(e.Message, Session.StatusOf(e));
        }
    }

    private static int Fail(string message, ExitStatus status)
    {
        Output.Message(message);
        return (int)status;
    }
}
