using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol doctor</c>.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Json = Verbs.Switch("JSON", "--json");

    public static Command Build()
    {
        var command = new Command("doctor", "Check this host and suggest fixes") { Json };
        command.SetAction(parsed =>
        {
            var findings = Doctor.Examine(parsed.GetValue(Verbs.Store));
            if (parsed.GetValue(Json))
            {
                Output.Json(json =>
                {
                    json.WriteStartArray();
                    foreach (var finding in findings)
                    {
                        json.WriteStartObject();
                        json.WriteString("subject", finding.Subject);
                        json.WriteBoolean("ok", finding.Good);
                        json.WriteString("text", finding.Text);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
            }
            else
            {
                foreach (var finding in findings)
                {
                    Output.Line($"{(finding.Good ? "ok  " : "BAD ")} {finding.Subject}: {finding.Text}");
                }
            }

            return (int)(findings.All(f => f.Good) ? ExitStatus.Done : ExitStatus.Unavailable);
        });
        return command;
    }
}
