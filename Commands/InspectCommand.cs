using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol inspect</c>.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> Names = new("VOL") { Description = "Volumes", Arity = ArgumentArity.OneOrMore };

    public static Command Build()
    {
        var command = new Command("inspect", "Show details of volumes as JSON") { Names };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var volumes = new Volumes(context);
            var found = new List<VolumeDetails>();
            var status = Session.ForEach(parsed.GetValue(Names)!, name => found.Add(volumes.Inspect(VolumeName.Parse(name))));
            Output.Json(json =>
            {
                json.WriteStartArray();
                found.ForEach(v => Output.Entry(json, v.Volume, v.Mounts, v));
                json.WriteEndArray();
            });
            return status;
        }));
        return command;
    }
}
