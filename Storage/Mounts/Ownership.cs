using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Tells which mounts in a root directory belong to a jail.</summary>
internal static class Ownership
{
    /// <summary>Whether anything is mounted that was given to this jail and not to another one before.</summary>
    public static bool HasAny(RootSession session, Attachment attachment)
    {
        var inside = session.MountsInside().ToArray();
        var places = inside.Length == 0 ? [] : Places(session, attachment);
        return inside.Any(m => m.Record is { Jails: { Count: > 0 } jails } ? jails.Contains(attachment.Jail)
            : places.Contains(m.Entry.Target));
    }

    /// <summary>Removes the jail's claim to its mounts and returns, in mount table order, those to unmount. A mount that another attached
    /// jail was given too stays with that jail: only the record of the mount tells, because what a jail once asked for may have been
    /// unmounted since. A volume's mount without a record was left by a crash: it belongs to the jail if the jail asked for it, or if
    /// nothing is known of the jail. With <paramref name="only"/>, its claim to mounts with these destinations.</summary>
    public static IReadOnlyList<KvolMount> Release(RootSession session, string jail, IReadOnlySet<string>? only = null)
    {
        var inside = session.MountsInside().Where(m => only is null || (m.Record is { } r && only.Contains(r.Destination))).ToArray();
        if (inside.Length == 0)
        {
            return [];
        }

        var attachment = session.Record.Of(jail);
        var own = attachment is null ? null : Places(session, attachment);
        var mine = new List<KvolMount>();
        var shared = new HashSet<ulong>();
        foreach (var mount in inside)
        {
            if (mount.Record is not { } record)
            {
                if (own?.Contains(mount.Entry.Target) != false)
                {
                    mine.Add(mount);
                }
            }
            else if (record.Jails.Contains(jail))
            {
                if (record.Jails.Any(j => j != jail && session.Record.Of(j) is not null))
                {
                    shared.Add(record.Id);
                }
                else
                {
                    mine.Add(mount);
                }
            }
        }

        if (shared.Count > 0)
        {
            session.Record = session.Record with
            {
                Mounts = [.. session.Record.Mounts.Select(r =>
                shared.Contains(r.Id) ? r with { Jails = [.. r.Jails.Where(j => j != jail)] } : r)]
            };
        }

        return mine;
    }

    // The jail's destinations, both as written and with symbolic links followed.
    private static HashSet<ByteString> Places(RootSession session, Attachment attachment)
    {
        var places = new HashSet<ByteString>();
        foreach (var destination in attachment.Destinations())
        {
            places.Add(new ByteString(session.Path + destination));
            try
            {
                if (session.Root?.Find(destination) is { } there)
                {
                    using (there)
                    {
                        places.Add(Files.PathOf(there));
                    }
                }
            }
            catch (KvolException)
            {
                // the path cannot be used any more, so nothing is mounted on it
            }
        }

        return places;
    }
}
