using System.CommandLine;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>The option of the verbs that take a group of snapshots instead of one.</summary>
internal static class GroupOption
{
    public static readonly Option<string?> Group = new("--group")
    {
        Description = "The group of snapshots with this id (see ls -t snapshot)",
        HelpName = "GROUP",
    };

    /// <summary>An error (64) unless either the operand or a group was given.</summary>
    public static void RequireOne(string verb, string? operand, string name, GroupChoice? group)
    {
        if (operand is null == group is null)
        {
            throw new KvolException(ExitStatus.Usage, verb, operand is null
                ? $"{name} or --group GROUP is missing; usage: {Help.Usage(verb)}"
                : $"{Shown.Word(operand)} and a group were given; choose one");
        }
    }
}
