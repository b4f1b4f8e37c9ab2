using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol set</c>.</summary>
internal static class SetCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "A volume" };
    private static readonly Argument<string[]> Values = new("PROP=VALUE") { Description = "label.KEY=TEXT (empty takes it away), or a property of the store", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Json = Verbs.Switch("Print the properties afterwards as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("set", "Change properties of a volume: all of them, or none") { Name, Values, Json };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Name)!);
                VolumeProperties.Set(context, name, [.. parsed.GetValue(Values)!.Select(PropertyName.ParseAssignment)]);
                if (parsed.GetValue(Json))
                {
                    DataOutput.Properties(VolumeProperties.Get(context, name, []));
                }

                return ExitStatus.Done;
            },
            prints: parsed.GetValue(Json)));
        return command;
    }
}
