using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Tells the attachments of dead jails from those of jails that run or are just starting.</summary>
/// <param name="jailsAreKnown">Whether the system knows which jails run.</param>
/// <param name="jails">The running jails.</param>
/// <param name="startOf">When the process with this pid was started; null if there is none.</param>
/// <param name="uptime">Milliseconds since the boot.</param>
internal sealed class Liveness(bool jailsAreKnown, IReadOnlyList<Jail> jails, Func<int, ulong?> startOf, long uptime)
{
    /// <summary>How long a start may take before the jail exists: the hooks of exec.prestart run before jail(8) creates it.</summary>
    public static readonly TimeSpan StartingTime = TimeSpan.FromMinutes(10);

    /// <summary>The current state.</summary>
    public static Liveness Now() => new(Jails.AreKnown, Jails.All(), ProcessStart.Of, Environment.TickCount64);

    /// <summary>Whether a running jail could change this root directory: the root directory of the jail is this one, or above or inside it.
    /// Jails in the host's / do not count, because nothing confines them anyway.</summary>
    public bool CanReach(ByteString root) => jails.Any(j => j.Path.Length > 1 && (root.IsAtOrBelow(j.Path) || j.Path.IsBelow(root)));

    /// <summary>Whether the attachment's jail is dead. A running jail of this name counts even if the kernel reports another path for its
    /// root directory.</summary>
    public bool IsDead(Attachment attachment, string root, bool rootIsGone)
    {
        if (jails.Any(j => IsAt(j, root) || (j.Name == attachment.Jail && (attachment.JailId is null || attachment.JailId == j.Id))))
        {
            return false;
        }

        if (attachment.Process is { } process && Ended(process))
        {
            return true;
        }

        return !jailsAreKnown ? rootIsGone
            : attachment.JailId is not null
            || (attachment.Process is null && (attachment.Starter is null || Ended(attachment.Starter))
                && uptime - attachment.Uptime > StartingTime.TotalMilliseconds);
    }

    /// <summary>The attachment with the number of its jail if the jail runs now; otherwise unchanged.</summary>
    public Attachment Seen(Attachment attachment, string root) =>
        jails.FirstOrDefault(j => j.Name == attachment.Jail && IsAt(j, root)) is { } jail && jail.Id != attachment.JailId
            ? attachment with { JailId = jail.Id } : attachment;

    /// <summary>The same for all attachments of a root directory.</summary>
    public RootRecord Seen(RootRecord record) => record.Attachments.All(a => ReferenceEquals(Seen(a, record.Path), a)) ? record
        : record with { Attachments = [.. record.Attachments.Select(a => Seen(a, record.Path))] };

    private static bool IsAt(Jail jail, string root) => jail.Path.Equals(new ByteString(root));

    private bool Ended(ProcessIdentity process) => startOf(process.Pid) != process.Start;
}
