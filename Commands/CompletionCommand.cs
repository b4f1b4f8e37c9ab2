using System;
using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary><c>kvol completion</c>.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = new("SHELL") { Description = string.Join(", ", ShellScripts.Shells) };

    public static Command Build()
    {
        var command = new Command("completion", "Print the script that lets a shell complete kvol's command lines") { Shell };
        command.SetAction(parsed =>
        {
            var shell = parsed.GetValue(Shell)!;
            HostProbe.WriteOutput(Array.IndexOf(ShellScripts.Shells, shell) >= 0 ? ShellScripts.Of(shell) : throw new KvolException(
                ExitStatus.Usage, Shown.Word(shell), $"no script for this shell; known: {string.Join(' ', ShellScripts.Shells)}"));
            return 0;
        });
        return command;
    }
}
