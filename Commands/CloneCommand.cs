using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol clone</c>.</summary>
internal static class CloneCommand
{
    private static readonly Argument<string> Source = new("VOL[@NAME]")
    {
        Description = "A volume, or a snapshot of one; with --group, what the names of the new volumes begin with",
    };
    private static readonly Argument<string?> New = new("NEW") { Description = "A name that is free", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Label = Verbs.Many("Label the new volume", "K=V", "--label", "-l");
    private static readonly Option<bool> Promote = Verbs.Switch("Promote the clone (zfs promote)", "--promote");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was copied as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("clone", "Make new volumes with the content of a volume, a snapshot or a group")
        {
            Source, New, GroupOption.Group, Label, Promote, Json, Feedback.Quiet, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context => GroupChoice.Parse(parsed.GetValue(GroupOption.Group)) is { } group ? CloneGroup(context, parsed, group)
                : CloneOne(context, parsed),
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }

    private static ExitStatus CloneOne(Context context, ParseResult parsed)
    {
        var name = parsed.GetValue(New)
            ?? throw new KvolException(ExitStatus.Usage, "clone", $"NEW is missing; usage: {Help.Usage("clone")}");
        var seed = Cloning.Run(context, parsed.GetValue(Source)!, VolumeName.Parse(name), Wanted(parsed), parsed.GetValue(Promote));
        Feedback.Say(parsed, name, $"created from {parsed.GetValue(Source)}");
        if (parsed.GetValue(Json))
        {
            Output.Json(json => Output.Seed(json, seed, whole: true, isConsistent: seed.NotKeptCount == 0));
        }

        return ExitStatus.Done;
    }

    private static ExitStatus CloneGroup(Context context, ParseResult parsed, GroupChoice group)
    {
        if (parsed.GetValue(New) is { } name)
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(name),
                "is one operand too many: --group takes a PREFIX alone, as in kvol clone --group GROUP PREFIX");
        }

        if (parsed.GetValue(Promote))
        {
            throw new KvolException(ExitStatus.Usage, "--promote",
                "cannot be used with --group, because it would move the snapshots out of the group");
        }

        var made = Cloning.Run(context, group, parsed.GetValue(Source)!, Wanted(parsed));
        foreach (var clone in made)
        {
            Feedback.Say(parsed, clone.To.Text, $"created from {clone.From}");
        }

        if (parsed.GetValue(Json))
        {
            Output.Json(json =>
            {
                json.WriteStartArray();
                foreach (var clone in made)
                {
                    json.WriteStartObject();
                    json.WriteString("name", clone.To.Text);
                    json.WritePropertyName("seed");
                    Output.Seed(json, clone.Seed, whole: true, isConsistent: clone.Seed.NotKeptCount == 0);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }

        return ExitStatus.Done;
    }

    private static NewVolume Wanted(ParseResult parsed) => new(Labels: Filters.Labels(parsed.GetValue(Label)!));
}
