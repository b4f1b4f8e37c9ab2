using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol get</c>.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "A volume" };
    private static readonly Argument<string[]> Properties = new("PROP")
    {
        Description = "Properties to show; default: all",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab", "-H");
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    public static Command Build()
    {
        var command = new Command("get", "Show properties of a volume") { Name, Properties, Scripted, Json };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var name = VolumeName.Parse(parsed.GetValue(Name)!);
            var values = VolumeProperties.Get(context, name, [.. parsed.GetValue(Properties)!.Select(PropertyName.Parse)]);
            if (parsed.GetValue(Json))
            {
                DataOutput.Properties(values);
            }
            else
            {
                Table.Print(parsed.GetValue(Scripted), ["NAME", "PROPERTY", "VALUE"],
                    [.. values.Select(v => (string[])[name.Text, v.Name, v.Value ?? "-"])]);
            }

            return ExitStatus.Done;
        }));
        return command;
    }
}
