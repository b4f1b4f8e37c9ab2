using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The run directory: its content is valid for one boot.</summary>
internal static class RunDirectory
{
    /// <summary>Opens the run directory itself. Creates only the last component of its path, and only if <paramref name="create"/>. An
    /// error (73) when it cannot be used.</summary>
    public static Fd Open(Configuration configuration, Upkeep upkeep, bool create) =>
        Usable(configuration, () => OwnDirectory.Open(configuration.RunDirectory, upkeep, create));

    /// <summary>The directory with the records in an open run directory; an error (73) when there is none and none can be made.</summary>
    public static Fd OpenRecords(Fd run, Configuration configuration, Upkeep upkeep, bool create) =>
        Usable(configuration, () => OwnDirectory.Open(run, Records, upkeep, create)) is var records && (records.IsOpen
            || (create && upkeep.Plan is not null)) ? records
            : throw new KvolException(ExitStatus.CannotCreate, configuration.RunDirectory, "holds no records yet");

    /// <summary>The directory with the locks that end with the boot, in an open run directory.</summary>
    public static Fd OpenLocks(Fd run, Upkeep upkeep) => OwnDirectory.Open(run, Locks, upkeep);

    /// <summary>The directory with the records of root directories; none when it does not exist yet.</summary>
    public static Fd FindRecords(Configuration configuration, Upkeep upkeep) => Open(configuration, Records, upkeep, create: false);

    /// <summary>The same to look into it; nothing is changed.</summary>
    public static Fd PeekRecords(Configuration configuration) => OwnDirectory.Find($"{configuration.RunDirectory}/{Records}");

    /// <summary>The directory with the locks that end with the boot; none when it does not exist and <paramref name="create"/> is
    /// false.</summary>
    public static Fd OpenLocks(Configuration configuration, Upkeep upkeep, bool create = true) =>
        Open(configuration, Locks, upkeep, create);

    /// <summary>The directory for the records of mount points where there is no store.</summary>
    public static Fd OpenMountPoints(Configuration configuration, Upkeep upkeep) => Open(configuration, MountPoints, upkeep);

    /// <summary>The directory for mounts that only kvol sees.</summary>
    public static Fd OpenStaging(Configuration configuration, Upkeep upkeep) => Open(configuration, Staging, upkeep);

    /// <summary>The directory that says which jails have a record, in an open run directory; none when it does not exist and
    /// <paramref name="create"/> is false.</summary>
    public static Fd OpenJails(Fd run, Upkeep upkeep, bool create) => OwnDirectory.Open(run, Jails, upkeep, create);

    /// <summary>The directory with the records of holds, in an open run directory; none when it does not exist and
    /// <paramref name="create"/> is false.</summary>
    public static Fd OpenHolds(Fd run, Upkeep upkeep, bool create) => OwnDirectory.Open(run, Holds, upkeep, create);

    /// <summary>The same to look into it; nothing is changed.</summary>
    public static Fd PeekHolds(Configuration configuration) => OwnDirectory.Find($"{configuration.RunDirectory}/{Holds}");

    /// <summary>The names that kvol uses in it: a directory with one of them is kvol's.</summary>
    public static readonly string[] Parts = [Records, Locks, MountPoints, Staging, Jails, Holds];

    private const string Records = "roots", Locks = "locks", MountPoints = "mountpoints", Staging = "staging", Jails = "jails",
        Holds = "holds";

    private static Fd Usable(Configuration configuration, Func<Fd> open)
    {
        try
        {
            return open();
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, configuration.RunDirectory, $"the run directory cannot be used: {e.Reason}");
        }
    }

    private static Fd Open(Configuration configuration, string name, Upkeep upkeep, bool create = true)
    {
        try
        {
            using var run = OwnDirectory.Open(configuration.RunDirectory, upkeep, create);
            return OwnDirectory.Open(run, name, upkeep, create);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && !create)
        {
            return Fd.None;
        }
    }
}
