using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Decides about a destination that already has a mount: it may be the requested mount, a stale mount of kvol's, or something
/// else.</summary>
internal sealed class ExistingMounts(RootSession session, string? jail)
{
    /// <summary>The mount, if it is the requested one; null if the mount point is free after stale mounts were unmounted. Another source or
    /// other options are an error (75) that names both. <paramref name="id"/> is the mount that was seen there.</summary>
    public KvolMount? Find(MountSpec spec, MountSource source, ulong id)
    {
        for (ulong? there = id; there is { } mount; there = MountIdAt(spec.Destination))
        {
            if (session.TableWith(mount).Find(mount) is not { } top)
            {
                return null; // unmounted concurrently
            }

            if (session.Context.Plan?.Unmounts(mount) == true)
            {
                return session.Mounts.Table.Find(top.ParentId) is { } under && under.Target.Equals(top.Target)
                    ? Find(spec, source, under.Id) : null; // what a dry run cannot uncover
            }

            var known = session.Mounts.Find(top);
            var below = session.Mounts.Table.Find(top.ParentId);
            if (known is not null && spec.New is null && !known.IsNewFileSystem && (top.SourceDeleted
                || (below is not null && below.Target.Equals(top.Target) && below.Origin.Equals(top.Origin) && below.Flags == top.Flags)))
            {
                Unmounting.One(top, session.Root!.Path, force: false, session.Context.Plan); // stale, or a duplicate of the one below
                session.Forget();
                continue;
            }

            if (Difference(spec, source, top, known) is { } difference)
            {
                Refuse(spec, top, known, difference);
            }

            if (jail is not null && known is not null)
            {
                Attacher.Adopt(session, jail, known, spec);
            }

            return known ?? new KvolMount(top, null, null);
        }

        return null;
    }

    // How the mount that is there differs from the requested one; null if it does not.
    private static string? Difference(MountSpec spec, MountSource source, MountEntry top, KvolMount? known)
    {
        var wanted = spec.ShownFlags | (source.InheritedFlags & ~MountOptions.Unseen);
        var same = spec.New is null ? top.Origin.Equals(source.Origin) : top.FileSystem == spec.New.Type;
        var whose = known?.Record?.Jail is { } owner ? $" for jail {owner}" : "";
        var there = known?.Snapshot is { } snapshot ? $"snapshot {snapshot}"
            : known?.Volume is { } volume ? $"volume {volume}" : MountTable.SourceOf(top).ToString();
        return !same ? $"{there} is mounted there{whose}, not {spec.SourceText}"
            : top.Flags != wanted
                ? $"{spec.SourceText} is already mounted there{whose} {MountCheck.Options(top.Flags)}, not {MountCheck.Options(wanted)}"
            : spec.IdMap is { } map && (known?.Record?.IdMap != map || known.Record.UserNamespace != source.NamespaceNumber)
                ? $"{spec.SourceText} is mounted there{whose} with 'idmap' as another user namespace"
                    + (known?.Record?.IdMap is { } other ? $", which was {other}" : "")
            : spec.New is { } made && (known?.Record?.Options ?? MountOptions.Of(top.Flags)).Order()
                .SequenceEqual(spec.Options().Order()) == false
                ? $"a {made.Type} is already mounted there{whose} with "
                    + (known?.Record?.Options is not { } has ? "options that kvol does not know" : has.Count == 0 ? "the default options"
                        : string.Join(',', has))
            : known?.Record is { } record && record.Recursive != spec.Recursive
                ? $"{spec.SourceText} is mounted there{whose} {(spec.Recursive ? "without" : "with")} 'recursive'"
            : known?.Record?.Options is { } options && options.Contains("nocache") != spec.Flags.HasFlag(MountFlags.NoCache)
                ? $"{spec.SourceText} is mounted there{whose} {(options.Contains("nocache") ? "with" : "without")} 'nocache'"
            : null;
    }

    private void Refuse(MountSpec spec, MountEntry top, KvolMount? known, string difference)
    {
        var wayOut = known is null ? $"umount {Shown.Quoted(top.Target.Text)}"
            : $"kvol umount {Shown.Quoted(session.Path)} {Shown.Quoted(spec.Destination)}";
        throw new KvolException(ExitStatus.Busy, $"{spec.Destination} in {session.Path}", $"{difference}; unmount it first: {wayOut}");
    }

    /// <summary>The mount that is seen at a destination; null if its top directory does not exist. No descriptor stays open inside
    /// it.</summary>
    private ulong? MountIdAt(string destination)
    {
        using var there = session.Root!.Find(destination) ?? Fd.None;
        return there.IsOpen && Files.Status(there) is { IsMountRoot: true } status ? status.MountId : null;
    }
}
