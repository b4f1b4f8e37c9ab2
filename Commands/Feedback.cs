using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Says in one line on standard error what was created, seeded or changed.</summary>
internal static class Feedback
{
    public static readonly Option<bool> Quiet = Verbs.Switch("Do not say what was done", "-q", "--quiet");
    public static readonly Option<bool> Verbose = Verbs.Switch("Also say what was mounted or unmounted", "-v", "--verbose");

    /// <summary>The same option for verbs that only say how to undo what they did.</summary>
    public static readonly Option<bool> WayBack = Verbs.Switch("Always print the command that undoes this", "-v", "--verbose");

    /// <summary>Whether to report every step.</summary>
    public static bool IsVerbose(ParseResult parsed) => parsed.GetValue(Verbose) && !parsed.GetValue(Quiet);

    /// <summary>Whether to say how to undo what was done.</summary>
    public static bool ShowsHints(ParseResult parsed) => !parsed.GetValue(Quiet)
        && (parsed.GetValue(Verbose) || parsed.GetValue(WayBack) || !Console.IsErrorRedirected);

    /// <summary>Reports in one line what was done to a volume.</summary>
    public static void Say(ParseResult parsed, string subject, string text)
    {
        if (!parsed.GetValue(Quiet) && !parsed.GetValue(Verbs.DryRun))
        {
            Output.Message($"{subject}: {text}");
        }
    }

    /// <summary>Reports what mount and attach did: new volumes and seedings always, mounts only if every step is to be reported.</summary>
    public static void Mounted(ParseResult parsed, IReadOnlyList<MountResult> results)
    {
        foreach (var result in results)
        {
            Made(parsed, result.Spec, result.VolumeCreated, result.Seeded);
            if (IsVerbose(parsed))
            {
                var what = result.AlreadyMounted ? "is already mounted" : "mounted";
                Say(parsed, result.Spec.SourceText, $"{what} on {result.Path}{(result.ReadOnly ? ", read-only" : "")}");
            }
        }
    }

    /// <summary>The same of a volume that another program will mount.</summary>
    public static void Prepared(ParseResult parsed, PreparedVolume volume) =>
        Made(parsed, volume.Spec, volume.VolumeCreated, volume.Seeded);

    private static void Made(ParseResult parsed, MountSpec spec, bool created, SeedRecord? seed)
    {
        var seeded = seed is null ? null : $"seeded with {Copied(seed)} from {spec.Destination}";
        if (created || seeded is not null)
        {
            Say(parsed, spec.Volume!.Text, string.Join(", ", new[] { created ? "created" : null, seeded }.OfType<string>()));
        }
    }

    /// <summary>How much was copied, for people.</summary>
    public static string Copied(SeedRecord seed) => $"{Plural.Of(seed.Files, "file")} ({Size.Words(seed.Bytes)})";
}
