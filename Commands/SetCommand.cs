using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol set</c>.</summary>
internal static class SetCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "A volume" };
    private static readonly Argument<string[]> Values = new("PROP=VALUE")
    {
        Description = "label.KEY=TEXT (empty takes it away), snapshots=POLICY, or a property of the store",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print the properties afterwards as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("set", "Change properties of a volume: all of them, or none")
        {
            Name, Values, Json, Feedback.Quiet, Feedback.WayBack,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Name)!);
                (PropertyName Name, string Value)[] values = [.. parsed.GetValue(Values)!.Select(PropertyName.ParseAssignment)];
                var before = VolumeProperties.Set(context, name, values);
                Feedback.Say(parsed, name.Text, string.Join(", ", values.Zip(before, (v, was) =>
                    $"{v.Name} {(v.Value.Length > 0 ? $"set to {v.Value}" : was.Value is null ? "was not set" : "removed")}")));
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
