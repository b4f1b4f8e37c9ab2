using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol adopt</c>.</summary>
internal static class AdoptCommand
{
    private static readonly Argument<string> Source = new("DATASET|DIR")
    {
        Description = "A dataset of the store's pool, or a directory (it begins with / or ./)",
    };
    private static readonly Argument<string> Name = new("NAME") { Description = "A name that is free" };
    private static readonly Option<string[]> Label = Verbs.Many("Label the new volume", "K=V", "--label", "-l");
    private static readonly Option<bool> Anonymous = Verbs.Switch("Count it as created without a name, so that prune may remove it",
        "--anonymous");
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("adopt", "Make a volume of a dataset or directory, by rename where that is possible")
        {
            Source, Name, Label, Anonymous, Json, Feedback.Quiet, Feedback.WayBack, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => Session.Run(
            parsed,
            context =>
            {
                var name = VolumeName.Parse(parsed.GetValue(Name)!);
                var labels = Filters.Labels(parsed.GetValue(Label)!);
                var adopted = Adopting.Run(context, parsed.GetValue(Source)!, name, new NewVolume(parsed.GetValue(Anonymous), labels));
                Feedback.Say(parsed, name.Text, Text(adopted));
                if (parsed.GetValue(Json))
                {
                    Print(adopted);
                }

                return ExitStatus.Done;
            },
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }

    public static string Text(Adopted adopted) => adopted.Copied is { } copy
        ? $"created with {Feedback.Copied(copy)} copied from {adopted.Source}, which is on another file system and left in place"
        : $"created from {adopted.Source} without a copy"
            + (adopted.Place is { } place ? $"; users of the host no longer reach it at {place}" : "");

    private static void Print(Adopted adopted) => Output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("volume", adopted.Volume.Text);
        json.WriteString("source", adopted.Source);
        json.WriteBoolean("moved", adopted.Copied is null);
        json.WriteNumber("files", adopted.Copied?.Files ?? 0);
        json.WriteNumber("bytes", adopted.Copied?.Bytes ?? 0);
        json.WriteNumber("not_kept_count", adopted.Copied?.NotKeptCount ?? 0);
        Output.Strings(json, "not_kept", adopted.Copied?.NotKept ?? []);
        json.WriteEndObject();
    });
}
