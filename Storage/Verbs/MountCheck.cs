using System.Linq;
using Kvol.Native;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Looks at what was asked, and at what came of it.</summary>
internal static class MountCheck
{
    /// <summary>Refuses a destination that cannot take the source: of another type, the root directory itself, or the source.</summary>
    public static void Fits(RootSession session, MountSpec spec, MountSource source, in FileStatus place)
    {
        var reason = place.Identity == session.Root!.Identity ? "leads to the root directory itself"
            : place.Identity == source.Status.Identity ? "is the source itself"
            : place.IsDirectory == source.Status.IsDirectory ? null
            : place.IsDirectory ? $"is a directory, but {spec.SourceText} is a file" : $"is not a directory, but {spec.SourceText} is one";
        if (reason is not null)
        {
            throw new KvolException(ExitStatus.CannotCreate, spec.Destination, reason);
        }
    }

    /// <summary>Refuses (75) what cannot be made safely under a running jail: the kernel follows the last component of a file's place, and
    /// the jail could swap it.</summary>
    public static void FileUnderJail(RootSession session, MountSpec spec, Liveness liveness)
    {
        if (KernelMounts.FileMountsAreVerifiedAfterwards && liveness.CanReach(session.Root!.Path))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination,
                "a single file cannot be mounted safely while a jail runs in this root directory; stop it first, or use -f");
        }
    }

    /// <summary>Refuses (75) a destination above another mount of kvol's, which the new one would hide from its jail.</summary>
    public static void RefuseHiding(RootSession session, MountSpec spec, MountPlace? place)
    {
        if (place is not null && session.Mounts.Below(place.Path).FirstOrDefault() is { } hidden)
        {
            var whose = hidden.Record?.Jail is { } owner ? $" for jail {owner}" : "";
            var destination = hidden.Entry.Target.IsBelow(session.Root!.Path) ? hidden.Entry.Target.After(session.Root.Path).Text
                : spec.Destination;
            throw new KvolException(
                ExitStatus.Busy, spec.Destination, $"would hide {hidden.Source}, which is mounted on {hidden.Entry.Target}{whose}; "
                + $"give both to one command, or unmount that first: kvol umount {Shown.Quoted(session.Path)} {Shown.Quoted(destination)}");
        }
    }

    /// <summary>The place of a new mount: inside the root directory, where the destination leads, showing the source with the options that
    /// were asked.</summary>
    public static (ByteString Path, ulong UniqueId) Verify(RootSession session, MountSpec spec, MountSource source, ulong id)
    {
        using var there = session.Root!.Find(spec.Destination) ?? Fd.None;
        var status = there.IsOpen ? Files.Status(there) : default;
        var path = there.IsOpen ? Files.PathOf(there) : null;
        if (path is null || status.MountId != id || status.Identity != source.Status.Identity || !path.IsBelow(session.Root.Path))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination, "changed while it was being mounted on; try again");
        }

        // fstatfs(2) tells the options of the file system together with those of the mount: a store that became read-only makes its mounts
        // so.
        var given = MountState.FlagsOf(there);
        var missing = spec.Flags & ~given;
        if (missing != MountFlags.None || (given & ~spec.Flags).HasFlag(MountFlags.ReadOnly))
        {
            throw new KvolException(ExitStatus.Busy, spec.Destination, missing == MountFlags.None
                ? $"the file system of {spec.SourceText} is read-only, and 'rw' was asked; make it writable, or ask for 'ro'"
                : $"the kernel made the mount {Options(given)} where {Options(spec.Flags)} was asked");
        }

        return (path, MountState.UniqueId(there));
    }

    /// <summary>Mount options as they are written in a spec.</summary>
    public static string Options(MountFlags flags) => (flags.HasFlag(MountFlags.ReadOnly) ? "ro" : "rw")
        + (flags.HasFlag(MountFlags.NoSuid) ? ",nosuid" : "") + (flags.HasFlag(MountFlags.NoExec) ? ",noexec" : "")
            + (flags.HasFlag(MountFlags.NoAccessTime) ? ",noatime" : "");
}
