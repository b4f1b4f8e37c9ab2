using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Which mounts in a root directory are a jail's.</summary>
internal static class Ownership
{
    /// <summary>Whether anything is mounted that the jail was given, and no other one before it.</summary>
    public static bool HasAny(RootSession session, Attachment attachment)
    {
        var inside = session.MountsInside().ToArray();
        var places = inside.Length == 0 ? [] : Places(session, attachment);
        return inside.Any(m => m.Record?.Jail is { } owner ? owner == attachment.Jail : places.Contains(m.Entry.Target));
    }

    /// <summary>Gives up the jail's mounts, in the order of the table: these are to be undone. One that another jail was given too is
    /// passed on to that one. A volume's mount of which nothing is recorded is what a crash left: it is the jail's if the jail asked for
    /// it, or if nothing is known of the jail at all.</summary>
    public static IReadOnlyList<KvolMount> Release(RootSession session, string jail)
    {
        var inside = session.MountsInside().ToArray();
        if (inside.Length == 0)
        {
            return [];
        }

        var attachment = session.Record.Of(jail);
        var own = attachment is null ? null : Places(session, attachment);
        var others = session.Record.Attachments.Where(a => a.Jail != jail).Select(a => (a.Jail, Places: Places(session, a))).ToArray();
        var mine = new List<KvolMount>();
        var passedOn = new Dictionary<ulong, string>();
        foreach (var mount in inside)
        {
            var target = mount.Entry.Target;
            if (mount.Record is { } record ? record.Jail != jail : own?.Contains(target) == false)
            {
                continue;
            }

            if (others.FirstOrDefault(o => o.Places.Contains(target)).Jail is { } other)
            {
                passedOn[mount.Entry.Id] = other;
            }
            else
            {
                mine.Add(mount);
            }
        }

        if (passedOn.Count > 0)
        {
            session.Record = session.Record with { Mounts = [.. session.Record.Mounts.Select(r =>
                passedOn.TryGetValue(r.Id, out var other) ? r with { Jail = other } : r)] };
        }

        return mine;
    }

    // Where its destinations lead: as they are written, and with the links in them followed.
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
                // the path is unusable by now, so nothing of it was mounted
            }
        }

        return places;
    }
}
