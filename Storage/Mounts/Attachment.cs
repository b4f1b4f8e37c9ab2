using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>One process for as long as it lives: numbers are used again, a number with its start is not.</summary>
internal sealed record ProcessIdentity(int Pid, ulong Start)
{
    /// <summary>The process that started this one; null when it has ended already.</summary>
    public static ProcessIdentity? OfParent() => Of(ProcessStart.Parent);

    /// <summary>The process that has a number now, or null.</summary>
    public static ProcessIdentity? Of(int pid) => ProcessStart.Of(pid) is { } start ? new ProcessIdentity(pid, start) : null;
}

/// <summary>What one jail was given in one root directory, remembered before it is mounted so that whatever a crash leaves can be told to
/// be the jail's.</summary>
/// <param name="Jail">The jail's name.</param>
/// <param name="Created">When it was attached last, for people.</param>
/// <param name="Uptime">The same in milliseconds since the boot: the clock of a starting machine may yet be set.</param>
/// <param name="Starter">The process that ran kvol, usually jail(8); null when it had ended.</param>
/// <param name="Process">The process that the administrator named as the jail's life, or null.</param>
/// <param name="JailId">The jail's number, once it was seen alive.</param>
/// <param name="Specs">What was asked, as it was written.</param>
internal sealed record Attachment(
    string Jail, DateTimeOffset Created, long Uptime, ProcessIdentity? Starter, ProcessIdentity? Process, int? JailId,
        IReadOnlyList<string> Specs)
{
    /// <summary>What was asked for this jail before stays part of it unless it is asked anew for the same destination.</summary>
    public Attachment Including(Attachment? before)
    {
        var own = Destinations().ToHashSet();
        return before is null ? this
            : this with { Specs = [.. before.Specs.Where(s => DestinationOf(s) is { } d && !own.Contains(d)), .. Specs] };
    }

    /// <summary>The places inside the root directory that it speaks of.</summary>
    public IEnumerable<string> Destinations() => Specs.Select(DestinationOf).OfType<string>();

    /// <summary>The same, stamped with the present moment.</summary>
    public Attachment Now() => this with { Created = DateTimeOffset.UtcNow, Uptime = Environment.TickCount64 };

    private static string? DestinationOf(string spec)
    {
        try
        {
            return MountSpec.Parse(spec).Destination;
        }
        catch (KvolException)
        {
            return null; // the record was changed by somebody
        }
    }
}
