using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The refusals that several verbs and stores share: one text for each.</summary>
internal static class Refusals
{
    /// <summary>The error (66) of a volume that does not exist.</summary>
    public static KvolException NoSuchVolume(VolumeName name) => new(ExitStatus.NoInput, name.Text, "no such volume");

    /// <summary>The same of a volume that a mount must not make.</summary>
    public static KvolException NotToBeMade(VolumeName name) => new(ExitStatus.NoInput, name.Text, "no such volume, and nocreate forbids to create it");

    /// <summary>The error (66) of a snapshot that does not exist.</summary>
    public static KvolException NoSuchSnapshot(SnapshotName snapshot) => new(ExitStatus.NoInput, snapshot.ToString(), "no such snapshot");

    /// <summary>The error (73) of a name that is taken.</summary>
    public static KvolException Taken(string name, string wayOut = "choose another name") => new(ExitStatus.CannotCreate, name, $"is there already; {wayOut}");

    /// <summary>The error (73) of a volume that was to be filled.</summary>
    public static KvolException NotEmpty(VolumeName name) =>
        new(ExitStatus.CannotCreate, name.Text, "is not empty; a volume that holds anything is never overwritten");

    /// <summary>The error (75) of a volume whose snapshots would go with it.</summary>
    public static KvolException HasSnapshots(VolumeName name, int count, string last) =>
        new(ExitStatus.Busy, name.Text, $"has {count} snapshot(s), the last {last}; 'rm -f' destroys them with it");

    /// <summary>The error (75) of a lock that another process holds.</summary>
    public static KvolException Locked(string subject, string holder) => new(ExitStatus.Busy, subject, $"locked by {holder}; try again when it has ended");

    /// <summary>The error (75) that names mounts and the way out of them.</summary>
    public static KvolException InUse(string subject, string what, IReadOnlyList<VolumeUse> uses)
    {
        var elsewhere = uses.FirstOrDefault(u => u.Pid is not null);
        var wayOut = elsewhere is null ? "umount it first"
            : $"{(elsewhere == uses[0] ? "unmount it there" : "umount it first, and there")}: nsenter -t {elsewhere.Pid} -m umount {elsewhere.Entry.Target}";
        return new KvolException(ExitStatus.Busy, subject, $"{what} on {VolumeUse.Describe(uses)}; {wayOut}");
    }

    /// <summary>The error (75) where the mount table of another namespace cannot be read.</summary>
    public static KvolException CannotSee(string subject, NativeException e) =>
        new(ExitStatus.Busy, subject, $"cannot see whether another mount namespace uses it ({e.Subject}: {e.Reason}); run kvol as root of the host, or end that process");

    /// <summary>The error (75) of a directory that a flag protects.</summary>
    public static KvolException Protected(VolumeName name, Fd directory) =>
        new(ExitStatus.Busy, name.Text, $"a flag of {Files.PathOf(directory)} forbids changes; take it away (chattr -ia, chflags 0) and try again");

    /// <summary>The error (69) of a store that does not encrypt.</summary>
    public static KvolException DoesNotEncrypt(string subject) =>
        new(ExitStatus.Unavailable, subject, "a directory store does not encrypt; keep the volume in a ZFS store");
}
