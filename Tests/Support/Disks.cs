using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

[assembly: AssemblyFixture(typeof(Kvol.Tests.Support.Disks))]

namespace Kvol.Tests.Support;

/// <summary> The file systems of one run. Everything, the images of the loop devices included, is on one tmpfs in the suite's private mount
/// namespace: even a killed run leaves nothing mounted and no device attached.
/// </summary>
public sealed class Disks : IDisposable
{
    private static readonly Dictionary<string, string> Made = [];
    private static readonly object Gate = new();
    private static string? top;

    /// <summary>A directory on a file system of the given type: tmpfs, ext4, xfs or btrfs.</summary>
    internal static string On(string type)
    {
        lock (Gate)
        {
            if (top is null)
            {
                top = Directory.CreateTempSubdirectory("kvol-tests-").FullName;
                Sys.Mount("tmpfs", top, "tmpfs", 0, "mode=755");
                Made["tmpfs"] = Sub("tmpfs");
            }

            if (!Made.TryGetValue(type, out var directory))
            {
                Made[type] = directory = Sub(type);
                Format(type, directory, type == "ext4" ? "256M" : "512M");
            }

            return directory;
        }
    }

    /// <summary>Makes a file system in a file and mounts it; the loop device detaches itself at the unmount.</summary>
    internal static void Format(string type, string directory, string size)
    {
        var image = directory.TrimEnd('/') + ".img";
        Tool.Run("truncate", "-s", size, image);
        string[] options = type switch
        {
            "xfs" => ["-q", "-m", "reflink=1"],
            "ext4" => ["-q", "-F"],
            _ => ["-q"],
        };
        Tool.Run("mkfs." + type, [.. options, image]);
        Tool.Run("mount", "-o", "loop", "-t", type, image, directory);
    }

    public void Dispose()
    {
        if (top is null)
        {
            return;
        }

        foreach (var mount in MountInfo.Below(top).Where(m => m.Target != top).Reverse())
        {
            _ = Libc.umount2(Sys.Bytes(mount.Target), 0);
        }

        Sys.Unmount(top, Sys.Detach);
        Directory.Delete(top);
    }

    private static string Sub(string name)
    {
        Sys.Mkdir(top + "/" + name);
        return top + "/" + name;
    }
}
