using System.CommandLine;
using System.Globalization;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>Options of the verbs that may seed.</summary>
internal static class CopyFlags
{
    public static readonly Option<string?> Jobs = new("--jobs", "-j")
    {
        Description = "Workers that seed; default: cores, at most 8",
        HelpName = "N",
    };
    public static readonly Option<bool> NoClone = Verbs.Switch("Copy bytes, never share blocks", "--no-clone");

    public static int? JobsOf(ParseResult parsed) => parsed.GetValue(Jobs) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs) && jobs is >= 1 and <= 64 ? jobs
        : throw new KvolException(ExitStatus.Usage, $"--jobs {Shown.Word(text)}", "must be a number from 1 to 64");
}
