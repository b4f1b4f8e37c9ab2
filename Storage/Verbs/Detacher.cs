using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Undoes what a jail was given.</summary>
internal static class Detacher
{
    /// <summary>How long the processes of a stopped jail may take to die if no limit is given.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Undoes the jail's mounts in a root directory, or in every recorded one if <paramref name="rootPath"/> is null. Succeeds if
    /// there is nothing to do. What stays busy is an error (75); repeating the command finishes the work. Where no jail of this name is
    /// attached, it is the id of a holder: ends its hold, and returns that. An error (64) if it is both; with its kind, an id is that of a
    /// holder.</summary>
    public static Hold? Run(Context context, string jail, string? rootPath, bool force)
    {
        var name = JailName.Parse(jail);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        var recorded = Recorded(context, name);
        if (rootPath is null)
        {
            var holders = Holds.Named(context.Configuration, name);
            if (recorded.Count == 0 || (holders.Count > 0 && Holder.IsQualified(name)))
            {
                return EndHold(context, name, holders);
            }

            if (holders.Count > 0)
            {
                throw new KvolException(ExitStatus.Usage, name, "is a jail, and also the id of what holds a volume; for the jail: "
                    + $"kvol detach {Shown.Quoted(name)} {Shown.Quoted(recorded[0].Path)}; to end the hold: "
                    + $"kvol detach {Shown.Quoted(holders[0].ToString())}");
            }

            Each(context, recorded, record => Recorded(context, store, record, name, force));
            return null;
        }

        if (RootDirectory.TryOpen(rootPath, context.Configuration.Root) is { } root)
        {
            using (root)
            {
                // Another directory may have had this path when the jail was attached.
                var path = Encoding.UTF8.GetString(root.Path.Bytes);
                Each(context, [.. recorded.Where(r => r.Path == path && r.Identity != root.Identity)], record =>
                    Recorded(context, store, record, name, force));
                using var session = new RootSession(context, store, root);
                Undo(session, name, force);
                var wasHere = recorded.Any(r => r.Identity == root.Identity || r.Path == path);
                SayElsewhere(context, name, path, [.. recorded.Where(r => r.Identity != root.Identity && r.Path != path)], wasHere);
                if (!wasHere && session.Record.Attachments is [{ Jail: var other }, ..])
                {
                    context.Warn($"{path}: jail {name} is not attached here, so nothing was done; jail {other} is: "
                        + $"kvol detach {Shown.Quoted(other)} {Shown.Quoted(path)}");
                }
            }

            return null;
        }

        // The directory is gone. If it was only renamed, mounts that were made in it may still exist.
        var given = HostPath.Absolute(rootPath);
        if (recorded.Where(r => r.Path == given).ToArray() is { Length: > 0 } here)
        {
            Recorded(context, store, here[0], name, force);
        }
        else if (recorded.Count > 0)
        {
            throw new KvolException(ExitStatus.NoInput, given,
                $"the root directory does not exist, and jail {name} is attached to {recorded[0].Path}: "
                + $"kvol detach {Shown.Quoted(name)} {Shown.Quoted(recorded[0].Path)}");
        }
        else if (recorded.Count == 0)
        {
            context.Warn($"{given}: the root directory does not exist; nothing was done");
        }

        return null;
    }

    private static Hold? EndHold(Context context, string id, IReadOnlyList<Holder> holders)
    {
        if (holders.Count > 1)
        {
            throw new KvolException(ExitStatus.Usage, id, "is the id of two holders; name one: "
                + $"kvol detach {Shown.Quoted(holders[0].ToString())}; or the other: "
                + $"kvol detach {Shown.Quoted(holders[1].ToString())}");
        }

        var ended = holders is [var holder] ? Holds.Release(context, holder) : null;
        if (ended is null)
        {
            context.Warn($"{id}: no jail of this name is attached, and nothing of this id holds a volume; nothing was done");
        }

        return ended;
    }

    /// <summary>Undoes what one attachment made, and forgets it when nothing is left.</summary>
    public static void Undo(RootSession session, string jail, bool force)
    {
        var patience = session.Context.WaitLimit is { } limit && limit < Patience ? limit : session.Context.WaitLimit ?? Patience;
        var attachment = session.Record.Of(jail);
        var undoing = new Undoing(session, force, patience);
        var busy = undoing.Run(Ownership.Release(session, jail));
        if (busy.Count == 0)
        {
            session.Record = session.Record.Without(jail);
            if (attachment is { Specs.Count: > 0 })
            {
                WayBack.Say(session.Context, $"{jail}: to attach it again", "attach", [jail, session.Path, .. attachment.Specs]);
            }
        }

        Unmounter.Finish(session, busy, undoing.LeftMountPoints);
    }

    // An attachment of the jail elsewhere is always reported. If there was nothing to do here, the path was probably a mistake (66).
    private static void SayElsewhere(Context context, string jail, string path, IReadOnlyList<RootRecord> elsewhere, bool wasHere)
    {
        foreach (var other in elsewhere)
        {
            var text = $"jail {jail} is {(wasHere ? "also" : "not attached here, but")} attached to {other.Path}: "
                + $"kvol detach {Shown.Quoted(jail)} {Shown.Quoted(other.Path)}";
            if (!wasHere)
            {
                throw new KvolException(ExitStatus.NoInput, path, text);
            }

            context.Warn($"{path}: {text}");
        }
    }

    /// <summary>Opens a recorded root directory at its recorded path, or where its mounts show that it is now; null if it is
    /// gone.</summary>
    public static RootDirectory? Reopen(Context context, IVolumeStore? store, RootRecord record)
    {
        if (RootDirectory.TryOpen(record.Path, context.Configuration.Root) is { } root)
        {
            if (root.Identity == record.Identity)
            {
                return root;
            }

            root.Dispose();
        }

        foreach (var mount in new KvolMounts(store, MountTable.Read(), record.Mounts, movedFrom: record.Path).All)
        {
            var target = mount.Entry.Target;
            var place = mount.Record?.Below(record.Path) is { } below ? new ByteString(below) : null;
            if (place is not null && target.Length > place.Length && target.Bytes.EndsWith(place.Bytes)
                && RootDirectory.TryOpen(Encoding.UTF8.GetString(target.Bytes[..^place.Length]),
                    context.Configuration.Root) is { } moved)
            {
                if (moved.Identity == record.Identity)
                {
                    return moved;
                }

                moved.Dispose();
            }
        }

        return null;
    }

    private static void Recorded(Context context, IVolumeStore? store, RootRecord record, string jail, bool force)
    {
        using var root = Reopen(context, store, record);
        using var session = root is null ? RootSession.OfMissing(context, store, record) : new RootSession(context, store, root);
        Undo(session, jail, force);
    }

    private static IReadOnlyList<RootRecord> Recorded(Context context, string jail)
    {
        using var runs = RunRecords.Open(context.Configuration, context.Upkeep);
        return runs.OfJail(jail);
    }

    private static void Each(Context context, IReadOnlyList<RootRecord> records, Action<RootRecord> action)
    {
        var failures = new List<KvolException>();
        foreach (var record in records)
        {
            try
            {
                action(record);
            }
            catch (KvolException e)
            {
                failures.Add(e);
            }
        }

        foreach (var failure in failures.Skip(1))
        {
            context.Warn(failure.Message);
        }

        if (failures.Count > 0)
        {
            throw failures[0];
        }
    }
}
