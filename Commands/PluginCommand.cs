using System;
using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol plugin</c>.</summary>
internal static class PluginCommand
{
    public static Command Build()
    {
        var command = new Command("plugin", "Serve volumes to Docker or podman on standard input and output");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (!Console.IsInputRedirected)
        {
            throw new KvolException(ExitStatus.Usage, "standard input",
                "is a terminal; systemd or inetd(8) starts this command for each connection: see kvol-plugin(8)");
        }

        using var connection = HttpConnection.Open();
        var begun = false;
        try
        {
            return Session.Run(parsed, context =>
            {
                begun = true;
                var plugin = new VolumePlugin(context);
                connection.Serve(plugin.Answer, Malformed, context.Interrupt.ThrowIfCancellationRequested);
                return ExitStatus.Done;
            }, prints: false);
        }
        catch (KvolException e) when (!begun)
        {
            // The client is told too, for example that the configuration is wrong.
            connection.Serve(_ => VolumePlugin.Error(HttpAnswer.Failed, e.Message), Malformed, () => { });
            throw;
        }
    }

    private static HttpAnswer Malformed(KvolException e) => VolumePlugin.Error(HttpAnswer.BadRequest, e.Message);
}
