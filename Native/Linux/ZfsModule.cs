using System;
using System.Linq;
using System.Text;

namespace Kvol.Native;

/// <summary>The loaded ZFS module: /sys/module/zfs, module/os/linux.</summary>
internal static class ZfsModule
{
    /// <summary>Where block cloning is switched, for people: zfs(4).</summary>
    public static string CloningSetting => "zfs_bclone_enabled (/sys/module/zfs/parameters)";

    /// <summary>Whether the module clones blocks, zfs_bclone_enabled of zfs(4).</summary>
    public static bool CloningEnabled => Read("parameters/zfs_bclone_enabled") is not (null or "0");

    /// <summary>The release of OpenZFS; 0.0.0 where it cannot be told.</summary>
    public static Version Version => Parse(Read("version"));

    private static Version Parse(string? text)
    {
        var digits = string.Concat((text ?? "").TakeWhile(c => char.IsAsciiDigit(c) || c == '.'));
        return Version.TryParse(digits, out var version) ? version : new Version(0, 0, 0);
    }

    private static string? Read(string name)
    {
        try
        {
            return Encoding.ASCII.GetString(SmallFile.Read(new ByteString($"/sys/module/zfs/{name}"))).Trim();
        }
        catch (NativeException)
        {
            return null;
        }
    }
}
