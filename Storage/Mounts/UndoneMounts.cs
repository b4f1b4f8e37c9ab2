using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The last destinations that kvol unmounted since the boot, in all root directories. To unmount one of them again is a success;
/// to unmount one that kvol never knew is an error.</summary>
internal static class UndoneMounts
{
    private const int Most = 500;
    private const string File = "undone.json";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Remembers what was unmounted: paths on the host, and destinations as given on the command line. A failure to write is
    /// ignored: neither a full file system nor another kvol that holds the lock may keep a jail from stopping.</summary>
    public static void Add(RootSession session, IReadOnlyList<string> places, IReadOnlyList<string> destinations)
    {
        if (places.Count == 0 || session.Context.Plan is not null)
        {
            return;
        }

        var prefix = Prefix(session);
        var below = places.Where(p => p.StartsWith(prefix, StringComparison.Ordinal)).Select(p => p[(prefix.Length - 1)..]);
        try
        {
            using var locks = RunDirectory.OpenLocks(session.Context.Configuration, session.Context.Upkeep);
            using var held = FileLock.Take(locks, "undone", File,
                session.Context with { WaitLimit = Patience, Interrupt = CancellationToken.None });
            using var run = Open(session);
            // The places too: a root directory may lie below this one, or above it.
            var lines = Read(run).Concat(places).Concat(below.Concat(destinations).Select(d => Line(session, d)));
            var latest = lines.Reverse().Distinct().Take(Most).Reverse().ToArray();
            StateFile.Write(run, File, durable: false, content: json =>
            {
                json.WriteStartObject();
                json.WriteString("boot", Host.BootId);
                json.WriteStartArray("undone");
                foreach (var line in latest)
                {
                    json.WriteStringValue(line);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
        }
        catch (Exception e) when (e is NativeException or KvolException { Status: ExitStatus.Busy })
        {
        }
    }

    /// <summary>Removes the temporary file that a killed command left, or with <paramref name="dryRun"/> only finds it; its path, or
    /// null.</summary>
    public static string? Sweep(Context context, bool dryRun)
    {
        using var run = OwnDirectory.Find(context.Configuration.RunDirectory);
        if (!run.IsOpen || !StateFile.FindUnfinished(run).Contains(File))
        {
            return null;
        }

        using var locks = RunDirectory.OpenLocks(context.Configuration, context.Upkeep);
        using var held = FileLock.Take(locks, "undone", File, context);
        return StateFile.SweepUnfinished(run, File, dryRun); // looks again: a command that lives may have been writing it
    }

    /// <summary>Whether this destination was unmounted; if it is null, any destination in the root directory.</summary>
    public static bool Contains(RootSession session, string? destination)
    {
        using var run = Open(session);
        if (!run.IsOpen)
        {
            return false;
        }

        string line = Line(session, destination ?? ""), place = Prefix(session) + destination?[1..];
        return Read(run).Any(l => destination is not null ? l == line || l == place
            : l.StartsWith(line, StringComparison.Ordinal) || l.StartsWith(place, StringComparison.Ordinal));
    }

    private static Fd Open(RootSession session) => OwnDirectory.Open(session.Context.Configuration.RunDirectory, session.Context.Upkeep);

    private static string Prefix(RootSession session) => session.Path == "/" ? "/" : session.Path + "/";

    private static string Line(RootSession session, string destination) =>
        $"{MountPointRegistry.NameOf(session.Record.Identity)} {destination}";

    private static string[] Read(Fd run) => StateFile.TryRead(
        run, File, json => json.GetProperty("boot").GetString() == Host.BootId
            ? json.GetProperty("undone").EnumerateArray().Select(e => e.GetString() ?? "").ToArray() : []) ?? [];
}
