using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>One process. A pid is used again after the process ends; a pid with its start time is not.</summary>
internal sealed record ProcessIdentity(int Pid, ulong Start)
{
    /// <summary>The process that started this one; null when it has ended already.</summary>
    public static ProcessIdentity? OfParent() => Of(ProcessStart.Parent);

    /// <summary>init(8), which ends with the host.</summary>
    public static ProcessIdentity? OfInit() => Of(1);

    /// <summary>The process that has this pid now, or null.</summary>
    public static ProcessIdentity? Of(int pid) => ProcessStart.Of(pid) is { } start ? new ProcessIdentity(pid, start) : null;
}

/// <summary>What one jail was given in one root directory. It is recorded before anything is mounted, so that what a crash leaves can be
/// attributed to the jail.</summary>
/// <param name="Jail">The jail's name.</param>
/// <param name="Created">When it was last attached, for people.</param>
/// <param name="Uptime">The same in milliseconds since the boot, because the clock of a starting machine may still be set.</param>
/// <param name="Starter">The process that ran kvol, usually jail(8); null if it had already ended.</param>
/// <param name="Process">The process whose end means the jail's end, as the administrator named it, or null.</param>
/// <param name="JailId">The jail's number, once the jail was seen alive.</param>
/// <param name="Specs">The specs, with absolute paths: they say the same in every working directory.</param>
internal sealed record Attachment(
    string Jail, DateTimeOffset Created, long Uptime, ProcessIdentity? Starter, ProcessIdentity? Process, int? JailId,
        IReadOnlyList<string> Specs)
{
    /// <summary>Adds new specs. An earlier spec stays unless a new one has the same destination.</summary>
    public Attachment Including(Attachment? before)
    {
        var own = Destinations().ToHashSet();
        return before is null ? this
            : this with { Specs = [.. before.Specs.Where(s => DestinationOf(s) is { } d && !own.Contains(d)), .. Specs] };
    }

    /// <summary>The same attachment without the specs of these destinations.</summary>
    public Attachment Without(IReadOnlySet<string> destinations) =>
        this with { Specs = [.. Specs.Where(s => DestinationOf(s) is not { } d || !destinations.Contains(d))] };

    /// <summary>The destinations inside the root directory.</summary>
    public IEnumerable<string> Destinations() => Specs.Select(DestinationOf).OfType<string>();

    /// <summary>The same attachment with the current time.</summary>
    public Attachment Now() => this with { Created = DateTimeOffset.UtcNow, Uptime = Environment.TickCount64 };

    private static string? DestinationOf(string spec)
    {
        try
        {
            return MountSpec.Parse(spec).Destination;
        }
        catch (KvolException)
        {
            return null; // the record was edited by hand
        }
    }
}
