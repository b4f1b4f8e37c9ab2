using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol undelete</c>.</summary>
internal static class UndeleteCommand
{
    private static readonly Argument<string[]> Names = new("DELETED")
    {
        Description = "Names or ids of deleted volumes",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print them as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("undelete", "Bring back deleted volumes, or what a rollback replaced; print the names")
        {
            Names, Json, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var back = new List<DeletedVolume>();
            var status = Session.ForEach(parsed.GetValue(Names)!, name =>
            {
                back.Add(Deleting.Undelete(context, name));
                if (!parsed.GetValue(Json))
                {
                    Output.Line(back[^1].Name.Text);
                }
            });
            if (parsed.GetValue(Json))
            {
                DataOutput.Deleted(back);
            }

            return status;
        }));
        return command;
    }
}
