using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Text.Json;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol inspect</c>.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> Names = new("VOL[@NAME]")
    {
        Description = "Volumes, or snapshots of them",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Build()
    {
        var command = new Command("inspect", "Show details of volumes and snapshots as JSON") { Names };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var volumes = new Volumes(context);
            var found = new List<Action<Utf8JsonWriter>>();
            var status = Session.ForEach(parsed.GetValue(Names)!, text =>
            {
                if (SnapshotName.ParseEither(text) is (_, { } name))
                {
                    var snapshot = Snapshotting.Inspect(context, name);
                    found.Add(json => DataOutput.Snapshot(json, snapshot, details: true));
                    return;
                }

                var volume = volumes.Inspect(VolumeName.Parse(text));
                found.Add(json => Output.Entry(json, volume.Volume, volume.Mounts, volume.Use, volume));
            });
            Output.Json(json =>
            {
                json.WriteStartArray();
                found.ForEach(write => write(json));
                json.WriteEndArray();
            });
            return status;
        }));
        return command;
    }
}
