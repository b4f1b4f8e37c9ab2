using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Owner and mode of the directories that a store makes.</summary>
internal static class VolumeTop
{
    /// <summary>The mode of a new volume's top directory: rwxr-xr-x, as zfs(8) and mkdir(1) make it.</summary>
    public const uint DefaultMode = Permissions.AllEnter;

    /// <summary>Sets both, durably.</summary>
    public static void SetOwner(Fd data, uint uid, uint gid, uint mode)
    {
        Files.SetOwner(data, CName.Empty, uid, gid);
        Files.SetMode(data, mode);
        Files.Sync(data);
    }

    /// <summary>Which of owner and mode a user has set on a volume's top directory: they differ from kvol's default, so a seeding keeps
    /// them.</summary>
    public static TopDirectory ChosenIn(in FileStatus top, TopParts? takes)
    {
        var isOwner = top is not { Uid: 0, Gid: 0 } || takes?.HasFlag(TopParts.Owner) == false;
        return new(isOwner ? top.Uid : null, isOwner ? top.Gid : null, top.Mode != DefaultMode || takes?.HasFlag(TopParts.Mode) == false
            ? top.Mode : null);
    }

    /// <summary>Gives a top directory what its first mount may give it. What <paramref name="top"/> shows as different from kvol's default
    /// was set by a user, and stays.</summary>
    public static void Take(Fd data, in FileStatus top, in FileStatus from, TopParts takes)
    {
        var chosen = ChosenIn(top, takes);
        if (chosen is { Uid: null } or { Mode: null })
        {
            SetOwner(data, chosen.Uid ?? from.Uid, chosen.Gid ?? from.Gid, chosen.Mode ?? from.Mode);
        }
    }

    /// <summary>Whether nothing was ever written in a top directory. If the file system does not record birth times: whether it is empty
    /// now.</summary>
    public static bool IsAsMade(in FileStatus top, Func<bool> isEmpty) => top.BirthTime.Seconds <= 0 ? isEmpty() : FileTimes.IsAsMade(top);

    /// <summary>The octal mode of a directory that users other than root can enter or own; null if they cannot.</summary>
    public static string? Exposure(ByteString path)
    {
        using var directory = Files.OpenDirectory(path);
        var status = Files.Status(directory);
        return status.Uid == 0 && (status.Mode & Permissions.GroupAndOthers) == 0 ? null : Convert.ToString(status.Mode, 8).PadLeft(4, '0');
    }

    /// <summary>Only root may reach a volume through the store: users of the host must not run a setuid file made inside a jail.</summary>
    public static void CloseToOthers(Fd volumes, string path, Upkeep upkeep)
    {
        var status = Files.Status(volumes);
        if (status.Uid != 0)
        {
            throw new KvolException(ExitStatus.Configuration, path, $"belongs to uid {status.Uid}; only root may own it: chown 0:0 {path}");
        }

        if ((status.Mode & Permissions.GroupAndOthers) == 0)
        {
            return;
        }

        if (upkeep.Plan is { } plan)
        {
            plan.Once("chmod", "0700", path);
            return;
        }

        try
        {
            Files.SetMode(volumes, Permissions.OwnerOnly);
            upkeep.Warn($"{path}: was accessible to other users (mode {Convert.ToString(status.Mode, 8)}); kvol changed its mode to 0700");
        }
        catch (NativeException e)
        {
            throw new KvolException(
                ExitStatus.Configuration, path, $"is accessible to users other than root, and kvol cannot change that: {e.Reason}");
        }
    }
}
