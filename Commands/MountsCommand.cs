using System.CommandLine;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol mounts</c>.</summary>
internal static class MountsCommand
{
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");
    private static readonly Option<bool> Scripted = Verbs.Switch("No header, fields separated by one tab", "-H");

    public static Command Build()
    {
        var command = new Command("mounts", "List what kvol mounted, and where") { Json, Scripted };
        command.SetAction(parsed => Session.Read(parsed, context =>
        {
            var mounts = new Volumes(context).Mounts(everywhere: !parsed.GetValue(Scripted));
            if (parsed.GetValue(Json))
            {
                Output.Json(json =>
                {
                    json.WriteStartArray();
                    foreach (var mount in mounts)
                    {
                        Output.Mount(json, mount);
                    }

                    json.WriteEndArray();
                });
            }
            else
            {
                Table.Print(parsed.GetValue(Scripted), ["TYPE", "SOURCE", "MODE", "JAIL", "PATH"], [.. mounts.Select(m => (string[])[
                    m.Type, m.Source, m.ReadOnly ? "ro" : "rw", m.Jail ?? "-", Place(m)])]);
            }

            return ExitStatus.Done;
        }));
        return command;
    }

    private static string Place(MountView mount) => mount switch
    {
        { Host: { } host } => $"{host.Name}:{mount.Path}",
        { Pid: { } pid } => $"{mount.Path} (pid {pid})",
        _ => mount.Path,
    };
}
