using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol oci</c>: what a manager of containers runs as a hook.</summary>
internal static class OciCommand
{
    private const string Precreate = "precreate", Poststop = "poststop";

    private static readonly Argument<string> Stage = new("STAGE") { Description = $"{Precreate} or {Poststop}" };

    /// <summary>The stages.</summary>
    public static readonly string[] Stages = [Precreate, Poststop];

    public static Command Build()
    {
        var command = new Command("oci", "Give volumes to the container whose configuration is on standard input")
        {
            Stage, Feedback.Quiet, CopyFlags.Jobs, CopyFlags.NoClone,
        };
        command.SetAction(parsed => parsed.GetValue(Stage) switch
        {
            Precreate => Session.Run(parsed, context =>
            {
                foreach (var made in Precreating.Run(context, text => Output.Bytes(text.Span)))
                {
                    Feedback.Prepared(parsed, made);
                }

                return ExitStatus.Done;
            }, CopyFlags.JobsOf(parsed), parsed.GetValue(CopyFlags.NoClone)),
            Poststop => Session.Run(parsed, context =>
            {
                Poststopping.Run(context);
                return ExitStatus.Done;
            }, prints: false),
            var other => throw new KvolException(ExitStatus.Usage, Shown.Word(other ?? ""), $"is not {string.Join(" or ", Stages)}"),
        });
        return command;
    }

    /// <summary>The words of the command line. A hook names its program in its arguments: ocijail passes all of them after the path, so
    /// that the name is there twice, and other runtimes take the first one, perhaps "oci", as the name of the program.</summary>
    public static string[] Words(string program, string[] words) => words switch
    {
        ["kvol", "oci", .. var rest] => ["oci", .. rest],
        [Precreate or Poststop, ..] when program == "oci" => ["oci", .. words],
        _ => words,
    };
}
