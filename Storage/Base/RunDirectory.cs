using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The run directory: its content is valid for one boot.</summary>
internal static class RunDirectory
{
    /// <summary>Creates only the last component of the run directory's path, and only if <paramref name="create"/>. An error (73) when it
    /// cannot be used.</summary>
    public static Fd OpenRecords(Configuration configuration, Action<string> warn, bool create)
    {
        try
        {
            using var run = OwnDirectory.Open(configuration.RunDirectory, warn, create);
            return OwnDirectory.Open(run, Records, warn, create) is { IsOpen: true } records ? records
                : throw new KvolException(ExitStatus.CannotCreate, configuration.RunDirectory, "holds no records yet");
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, configuration.RunDirectory, $"the run directory cannot be used: {e.Reason}");
        }
    }

    /// <summary>The directory with the records of root directories; none when it does not exist yet.</summary>
    public static Fd FindRecords(Configuration configuration, Action<string> warn) => Open(configuration, Records, warn, create: false);

    /// <summary>The same to look into it; nothing is changed.</summary>
    public static Fd PeekRecords(Configuration configuration) => OwnDirectory.Find($"{configuration.RunDirectory}/{Records}");

    /// <summary>The directory with the locks that end with the boot; none when it does not exist and <paramref name="create"/> is
    /// false.</summary>
    public static Fd OpenLocks(Configuration configuration, Action<string> warn, bool create = true) =>
        Open(configuration, Locks, warn, create);

    /// <summary>The directory for the records of mount points where there is no store.</summary>
    public static Fd OpenMountPoints(Configuration configuration, Action<string> warn) => Open(configuration, MountPoints, warn);

    /// <summary>The directory for mounts that only kvol sees.</summary>
    public static Fd OpenStaging(Configuration configuration, Action<string> warn) => Open(configuration, Staging, warn);

    /// <summary>The names that kvol uses in it: a directory with one of them is kvol's.</summary>
    public static readonly string[] Parts = [Records, Locks, MountPoints, Staging];

    private const string Records = "roots", Locks = "locks", MountPoints = "mountpoints", Staging = "staging";

    private static Fd Open(Configuration configuration, string name, Action<string> warn, bool create = true)
    {
        try
        {
            using var run = OwnDirectory.Open(configuration.RunDirectory, warn, create);
            return OwnDirectory.Open(run, name, warn, create);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && !create)
        {
            return Fd.None;
        }
    }
}
