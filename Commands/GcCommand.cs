using System.CommandLine;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol gc</c>.</summary>
internal static class GcCommand
{
    private static readonly Option<bool> DryRun = Verbs.Switch("Only say what would be undone", "-n", "--dry-run");
    private static readonly Option<string?> ForgottenHost = new("--forget-host")
    {
        Description = "Only remove what the host with this id recorded of its uses, because it will not come back",
        HelpName = "HOST",
    };
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    public static Command Build()
    {
        var command = new Command("gc", "Clean up after stopped jails and crashes; safe at any time") { DryRun, ForgottenHost, Json };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var (done, left) = parsed.GetValue(ForgottenHost) is { } host
                ? GarbageCollector.ForgetHost(context, HostId.Parse(host), parsed.GetValue(DryRun))
                : GarbageCollector.Run(context, parsed.GetValue(DryRun));
            if (parsed.GetValue(Json))
            {
                Output.Json(json =>
                {
                    json.WriteStartArray();
                    foreach (var item in done)
                    {
                        json.WriteStartObject();
                        json.WriteString("kind", item.Kind);
                        json.WriteString("subject", item.Subject);
                        json.WriteString("jail", item.Jail);
                        json.WriteString("text", item.Text);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
            }
            else
            {
                foreach (var item in done)
                {
                    Output.Line($"{item.Subject}: {item.Text}");
                }
            }

            foreach (var message in left)
            {
                Output.Message(message);
            }

            return left.Count == 0 ? ExitStatus.Done : ExitStatus.Busy;
        }));
        return command;
    }
}
