using System.CommandLine;

namespace Kvol.Commands;

/// <summary><c>kvol help</c>.</summary>
internal static class HelpCommand
{
    private static readonly Argument<string?> Name = new("COMMAND")
    {
        Description = "The command to explain",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Build()
    {
        var command = new Command("help", "List the commands, or explain one") { Name };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(Name);
            Output.Text(name is null or "volume" ? Help.Overview() : Help.Of(Verbs.Find(name) ?? throw CommandLine.UnknownVerb(name)));
            return 0;
        });
        return command;
    }
}
