using System.CommandLine;
using System.Linq;
using Kvol.Storage;
using Kvol.Storage.Mounting;

namespace Kvol.Commands;

/// <summary><c>kvol mount</c>.</summary>
internal static class MountCommand
{
    private static readonly Argument<string> Root = new("ROOTDIR") { Description = "The directory that is / in the jail" };
    private static readonly Argument<string[]> Specs = new("SPEC") { Description = "SOURCE:DEST[:OPT,...]", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Json = Verbs.Switch("Print what was done as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("mount", "Make volumes and mounts under a root directory") { Root, Specs, Json, CopyFlags.Jobs, CopyFlags.NoClone };
        command.SetAction(parsed => Session.Run(
            parsed,
            context => Run(context, parsed.GetValue(Root)!, parsed.GetValue(Specs)!, parsed.GetValue(Json)),
            CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone), prints: parsed.GetValue(Json)));
        return command;
    }

    private static ExitStatus Run(Context context, string root, string[] specs, bool json)
    {
        var results = Mounter.Mount(context, root, [.. specs.Select(MountSpec.Parse)]);
        if (json)
        {
            Output.Json(writer =>
            {
                writer.WriteStartArray();
                foreach (var result in results)
                {
                    writer.WriteStartObject();
                    writer.WriteString("type", result.Type);
                    writer.WriteString("source", result.Source);
                    writer.WriteString("destination", result.Destination);
                    writer.WriteString("path", result.Path);
                    writer.WriteBoolean("read_only", result.ReadOnly);
                    writer.WriteBoolean("already_mounted", result.AlreadyMounted);
                    writer.WriteBoolean("volume_created", result.VolumeCreated);
                    writer.WritePropertyName("seeded");
                    Output.Seed(writer, result.Seeded, whole: false);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
        }

        return ExitStatus.Done;
    }
}
