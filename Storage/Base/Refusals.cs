using System;
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

    /// <summary>The same for a volume that a mount must not create.</summary>
    public static KvolException NotToBeMade(VolumeName name, Configuration configuration) => new(ExitStatus.NoInput, name.Text,
        $"no such volume, and {(configuration.CreatesByMounting ? "nocreate was given" : $"autocreate is off in {configuration.Path}")}; "
        + $"'kvol create {name}' makes it");

    /// <summary>The error (66) of a snapshot that does not exist.</summary>
    public static KvolException NoSuchSnapshot(SnapshotName snapshot) => new(ExitStatus.NoInput, snapshot.ToString(), "no such snapshot");

    /// <summary>The same for one that is to be mounted, with the newest of those that exist, which are given oldest first.</summary>
    public static KvolException NoSuchSnapshot(SnapshotName snapshot, IEnumerable<SnapshotName> there)
    {
        var newest = string.Join(", ", there.Reverse().Take(VolumeUse.MostNamed).Select(s => s.Name));
        return NoSuchSnapshot(snapshot).With(newest.Length > 0 ? $"the newest of {snapshot.Volume} are: {newest}"
            : $"{snapshot.Volume} has no snapshots; to take this one: kvol snapshot {snapshot}");
    }

    /// <summary>The error (64) of an incremental stream that would not start from something older than the snapshot that is sent.</summary>
    public static KvolException NotEarlier(string since, SnapshotName sent) =>
        new(ExitStatus.Usage, $"--since {since}", $"is not a snapshot of the same volume that is older than {sent}");

    /// <summary>The error (73) of a name that is taken.</summary>
    public static KvolException Taken(string name, string wayOut = "choose another name") =>
        new(ExitStatus.CannotCreate, name, $"already exists; {wayOut}");

    /// <summary>The error (73) for a volume that should be filled but is not empty.</summary>
    public static KvolException NotEmpty(VolumeName name) =>
        new(ExitStatus.CannotCreate, name.Text, "is not empty; a volume that holds anything is never overwritten");

    /// <summary>The error (75) for a volume whose snapshots would be destroyed with it.</summary>
    public static KvolException HasSnapshots(VolumeName name, int count, string last) =>
        new(ExitStatus.Busy, name.Text, $"has {Plural.Of(count, "snapshot")}, the newest {last}; to remove them too: kvol rm -f {name}");

    /// <summary>The error (75) of a lock that another process holds.</summary>
    public static KvolException Locked(string subject, string holder) =>
        new(ExitStatus.Busy, subject, $"locked by {holder}; try again when it has ended");

    /// <summary>The error (75) that names mounts and the way out of them.</summary>
    public static KvolException InUse(string subject, string what, IReadOnlyList<VolumeUse> uses, IReadOnlyList<string>? commands = null) =>
        new(ExitStatus.Busy, subject, $"{what} on {VolumeUse.Describe(uses)}; {WayOut(uses, commands)}");

    /// <summary>The commands that unmount the uses in this mount namespace and the first in another one; <paramref name="commands"/> are
    /// kvol's own commands for the former, where kvol made the mounts.</summary>
    public static string WayOut(IReadOnlyList<VolumeUse> uses, IReadOnlyList<string>? commands)
    {
        var here = commands is { Count: > 0 } ? commands
            : [.. uses.Where(u => u.Pid is null).Take(1).Select(u => $"umount {Shown.Quoted(u.Entry.Target.Text)}")];
        var elsewhere = uses.FirstOrDefault(u => u.Pid is not null);
        return (here.Count == 0 ? "" : $"unmount it first: {string.Join("; ", here)}")
            + (here.Count == 0 || elsewhere is null ? "" : "; and ")
            + (elsewhere is null ? ""
                : $"unmount it there: nsenter -t {elsewhere.Pid} -m umount {Shown.Quoted(elsewhere.Entry.Target.Text)}");
    }

    /// <summary>The error (75) where the mount table of another namespace cannot be read.</summary>
    public static KvolException CannotSee(string subject, NativeException e) =>
        new(ExitStatus.Busy, subject,
            $"cannot see whether another mount namespace uses it ({e.Subject}: {e.Reason}); run kvol as root of the host, or end that "
            + "process");

    /// <summary>The error (75) of a directory that a flag protects.</summary>
    public static KvolException Protected(VolumeName name, Fd directory) =>
        new(ExitStatus.Busy, name.Text,
            $"a flag of {Files.PathOf(directory)} forbids changes; take it away (chattr -ia, chflags 0) and try again");

    /// <summary>The error (65) where something else has the name of what kvol keeps there.</summary>
    public static KvolException InTheWay(Fd directory, ByteString name, string what, string kept, string look = "what it is") =>
        new(ExitStatus.Damaged, $"{Files.PathOf(directory)}/{name}",
            $"{what}, and kvol keeps {kept} there; look at {look} and move it away");

    /// <summary>Throws an error (69) for a policy that takes snapshots where none can be taken; <paramref name="cannot"/> says why, or
    /// null.</summary>
    public static void RequirePolicy(string policy, Func<string?> cannot)
    {
        if (policy.Length > 0 && SnapshotPolicy.TryParse(policy, out _) is { Rules.Count: > 0 } && cannot() is { } reason)
        {
            throw new KvolException(ExitStatus.Unavailable, PropertyName.Policy, reason);
        }
    }

    /// <summary>The error (69) of a store that does not encrypt.</summary>
    public static KvolException DoesNotEncrypt(string subject) =>
        new(ExitStatus.Unavailable, subject, "a directory store does not encrypt; keep the volume in a ZFS store");
}
