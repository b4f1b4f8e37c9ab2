using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol show</c>: the facts of <c>inspect</c>, as a page for people.</summary>
internal static class ShowCommand
{
    private static readonly Argument<string> Name = new("VOL") { Description = "A volume" };

    public static Command Build()
    {
        var command = new Command("show", "Show one volume as a page for people") { Name };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            foreach (var (title, text) in Page(new Volumes(context).Inspect(VolumeName.Parse(parsed.GetValue(Name)!))))
            {
                Output.Line($"{title,-12}{text}");
            }

            return ExitStatus.Done;
        }));
        return command;
    }

    private static IEnumerable<(string Title, string Text)> Page(VolumeDetails details)
    {
        var volume = details.Volume;
        yield return ("Name",
            volume.Name.Text + (volume.Anonymous ? " (made without a name: 'kvol prune' removes it when it is unused)" : ""));
        yield return ("State", volume.StateName + (volume.Mounted ? "" : " (its dataset is not mounted)"));
        yield return ("Created", Table.Time(volume.Created, scripted: false));
        if (details.Use is { At: { } used } use)
        {
            yield return ("Last used", Table.Time(used, scripted: false) + (use.Jail is null ? "" : $", for jail {use.Jail}"));
        }

        yield return ("Used", Size.Text((ulong)details.Used));
        yield return ("Quota", volume.Quota is { } quota ? Size.Text(quota) : "none");
        if (volume.Policy is not null)
        {
            yield return ("Snapshots", volume.Policy);
        }

        yield return ("Content", volume.Mountpoint ?? "none");
        if (volume.Dataset is not null)
        {
            yield return ("Dataset", volume.Dataset + (volume.Origin is null ? "" : $", a clone of {volume.Origin}"));
        }

        foreach (var (key, value) in volume.Labels)
        {
            yield return ("Label", $"{key}={value}");
        }

        if (volume.Seed is { } seed)
        {
            yield return ("Seeded", $"{Table.Time(seed.At, scripted: false)} with {Feedback.Copied(seed)} from {seed.Source}");
            if (seed.NotKept.Count > 0)
            {
                yield return ("Not kept", $"{Plural.Of(seed.NotKept.Count, "thing")}; 'kvol inspect {volume.Name}' lists them");
            }
        }

        foreach (var mount in details.Mounts)
        {
            yield return ("Mounted on", mount.Path + (mount.ReadOnly ? ", read-only" : "")
                + (mount.Jail is null ? "" : $", for jail {mount.Jail}"));
        }

        if (!details.Mounts.Any())
        {
            yield return ("Mounted on", "nothing");
        }
    }
}
