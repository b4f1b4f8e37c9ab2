using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Checks a mount before and after it is made.</summary>
internal static class MountCheck
{
    /// <summary>Refuses a destination that cannot take the source: it has another type, or is the root directory itself or the
    /// source.</summary>
    public static void Fits(RootSession session, MountSpec spec, MountSource source, in FileStatus place)
    {
        var reason = place.Identity == session.Root!.Identity ? "leads to the root directory itself"
            : place.Identity == source.Status.Identity ? "is the source itself"
            : !place.IsDirectory && place.Links > 1 && KernelMounts.FileMountsAreVerifiedAfterwards
                ? "is a file with several names, which FreeBSD mounts nothing on"
            : place.IsDirectory == source.Status.IsDirectory ? null
            : place.IsDirectory ? $"is a directory, but {spec.SourceText} is a file" : $"is not a directory, but {spec.SourceText} is one";
        if (reason is not null)
        {
            throw new KvolException(ExitStatus.CannotCreate, spec.Destination, reason);
        }
    }

    /// <summary>Refuses (64) a destination that is, holds or lies in what kvol itself needs: the mount would hide it from kvol, so nothing
    /// could undo it.</summary>
    public static void RefuseOwnPlaces(RootSession session, MountSpec spec, MountPlace? place)
    {
        var target = place?.Path ?? session.Root!.Path.Plus(new ByteString(spec.Destination));
        if (session.Own.Objection(target) is { } reason)
        {
            throw Unusable(spec, reason);
        }
    }

    /// <summary>Refuses (75) what cannot be mounted safely under a running jail: the kernel follows the last component of a file's path,
    /// which the jail could replace.</summary>
    public static void FileUnderJail(RootSession session, MountSpec spec, Liveness liveness)
    {
        if (KernelMounts.FileMountsAreVerifiedAfterwards && liveness.CanReach(session.Root!.Path))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination,
                "a single file cannot be mounted safely while a jail runs in this root directory; stop it first, or use -f");
        }
    }

    /// <summary>Refuses a destination above another mount of kvol's (75), because the new mount would hide that one from its jail, and
    /// above the store's own mounts (64).</summary>
    public static void RefuseHiding(RootSession session, MountSpec spec, MountPlace? place)
    {
        if (place is null || (place.Status is { IsDirectory: true, IsMountRoot: false } && place.Descriptor.IsOpen
            && Emptiness.IsBare(place.Descriptor)))
        {
            return;
        }

        if (session.Mounts.HomeWithin(place.Path) is { } home)
        {
            throw Unusable(spec, $"would cover the store's volumes on {home.Target}");
        }

        if (session.Mounts.Below(place.Path).FirstOrDefault() is { } hidden)
        {
            var whose = hidden.Record?.Jail is { } owner ? $" for jail {owner}" : "";
            var destination = hidden.Entry.Target.IsBelow(session.Root!.Path) ? hidden.Entry.Target.After(session.Root.Path).Text
                : spec.Destination;
            throw new KvolException(
                ExitStatus.Busy, spec.Destination, $"would hide {hidden.Source}, which is mounted on {hidden.Entry.Target}{whose}; "
                + $"give both to one command, or unmount that first: kvol umount {Shown.Quoted(session.Path)} {Shown.Quoted(destination)}");
        }
    }

    /// <summary>What is mounted in the source, which need not lie in the root directory; nothing if a dry run only plans it.</summary>
    public static IEnumerable<MountEntry> MountsIn(RootSession session, MountSource source) =>
        !source.Descriptor.IsOpen || !source.Status.IsDirectory || Emptiness.IsBare(source.Descriptor) ? []
        : session.Mounts.Table.Within(source.Descriptor).Entries.Where(e => e.Target.IsBelow(source.Path));

    /// <summary>Names the file systems that are mounted in the source, which a mount that is not recursive leaves out.</summary>
    public static void WarnOfMountsBelow(RootSession session, MountSpec spec, MountSource source)
    {
        foreach (var entry in MountsIn(session, source))
        {
            session.Context.Warn(
                $"{spec.Destination}: {entry.Target} is another file system and is left out; 'recursive' mounts it too");
        }
    }

    /// <summary>The path of a new mount in the mount table, after checking it: it is inside the root directory at the destination, and
    /// shows the source with the requested options.</summary>
    public static (ByteString Path, ulong UniqueId) Verify(RootSession session, MountSpec spec, MountSource source, ulong id)
    {
        using var there = session.Root!.Find(spec.Destination) ?? Fd.None;
        var status = there.IsOpen ? Files.Status(there) : default;
        var path = there.IsOpen ? MountState.PlaceOf(there) : null;
        if (path is null || status.MountId != id || (spec.New is null && status.Identity != source.Status.Identity)
            || !path.IsBelow(session.Root.Path))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination, "changed while it was being mounted on; try again");
        }

        RequireOptions(spec, MountState.FlagsOf(there));
        if (spec.IdMap is not null && session.Mounts.Table.RowOf(there)?.Flags.HasFlag(MountFlags.IdMapped) != true)
        {
            throw new KvolException(ExitStatus.Unavailable, spec.Destination, "the kernel made the mount without 'idmap'");
        }

        return (path, MountState.UniqueId(there));
    }

    /// <summary>Throws an error (75) if a mount does not have the requested options. fstatfs(2) combines the options of the file system
    /// with those of the mount: if the store became read-only, its mounts are read-only too.</summary>
    public static void RequireOptions(MountSpec spec, MountFlags given)
    {
        var missing = spec.Flags & ~given & ~MountOptions.Unseen;
        if (missing != MountFlags.None || (given & ~spec.Flags).HasFlag(MountFlags.ReadOnly))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination, missing == MountFlags.None
                ? $"the file system of {spec.SourceText} is read-only, but the mount is to be writable; make the file system writable, "
                    + "or use 'ro'"
                : $"the kernel made the mount {Options(given)}, not {Options(spec.Flags)}");
        }
    }

    /// <summary>Mount options in the syntax of a spec.</summary>
    public static string Options(MountFlags flags) =>
        string.Join(',', [.. flags.HasFlag(MountFlags.ReadOnly) ? (string[])[] : ["rw"], .. MountOptions.Of(flags),
            .. flags.HasFlag(MountFlags.IdMapped) ? (string[])[MountSpec.IdMapOption] : []]);

    /// <summary>What a failure of a mount with <see cref="MountSpec.IdMap"/> means.</summary>
    public static KvolException CannotMap(MountSpec spec, string fileSystem, NativeException e) => e.Failure == Failure.Invalid
        ? new KvolException(ExitStatus.Unavailable, spec.Destination, $"a mount of {fileSystem} cannot have 'idmap' on this kernel, or "
            + $"{spec.IdMap} has no uid_map and gid_map yet; ext4, xfs, btrfs, tmpfs (since Linux 6.3) and ZFS (since 2.2) can have it")
        : new KvolException(ExitStatus.NotPermitted, spec.Destination, $"the kernel does not permit 'idmap' as {spec.IdMap} "
            + $"({e.Reason}): {spec.SourceText} may be mounted with 'idmap' itself, or kvol may run in a user namespace");

    private static KvolException Unusable(MountSpec spec, string reason) => new(
        ExitStatus.Usage, spec.Destination, $"{reason}, which kvol needs to undo the mount; choose another destination");
}
