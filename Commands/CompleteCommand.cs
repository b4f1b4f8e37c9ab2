using System;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary><c>kvol complete</c>, which the scripts of <c>kvol completion</c> run at each tab. Only they use it, so the help does not name
/// it. It prints only choices, prints nothing for users other than root, and never fails.</summary>
internal static class CompleteCommand
{
    /// <summary>Answers a completion script; false if these are not the arguments of one.</summary>
    public static bool TryRun(string[] arguments)
    {
        switch (arguments)
        {
            case ["complete", "--", ..]:
                Print(() => Completion.Of(arguments[2..]).Lines());
                return true;
            case ["complete", "--bash", var breaks, var line]:
                Print(() => ForBash(new TypedLine(line, breaks)));
                return true;
            case ["complete", "--tcsh"]:
                Print(() => ForTcsh(Environment.GetEnvironmentVariable("COMMAND_LINE") ?? ""));
                return true;
            default:
                return false;
        }
    }

    private static void Print(Func<string> choices)
    {
        if (!HostProbe.IsRoot)
        {
            return;
        }

        try
        {
            HostProbe.WriteOutput(Encoding.UTF8.GetBytes(choices()));
        }
        catch (IOException)
        {
            // the shell has gone
        }
    }

    // The first line is an option of compopt, or empty.
    private static string ForBash(TypedLine line)
    {
        var choices = Completion.Of([.. line.Words.Skip(1)]);
        var option = choices.Words.Count == 0 ? choices.Paths switch
        {
            Paths.Files => "default",
            Paths.Directories => "dirnames",
            _ => "",
        }
        : choices.Words.All(w => GoesOn(w.Word)) ? "nospace" : "";
        return string.Join('\n', [option, .. choices.Words.Select(w => line.Insert(w.Word))]) + "\n";
    }

    // The shell splits the answer at blanks and quotes nothing, so words that need quotes are left out.
    private static string ForTcsh(string line) => string.Concat(
        Completion.Of([.. new TypedLine(line, "").Words.Skip(1)]).Words.Select(w => w.Word).Where(w => Shown.Quoted(w) == w)
            .Select(w => w + "\n"));

    // A part of a word that is not complete yet.
    private static bool GoesOn(string word) => word.Length > 0 && word[^1] is ':' or '=' or '@' || word == "label.";
}
