using System;
using System.Linq;
using System.Text;

namespace Kvol.Native;

/// <summary>The ZFS module of the kernel: sysctl(8) vfs.zfs, module/os/freebsd/zfs/sysctl_os.c of OpenZFS.</summary>
internal static class ZfsModule
{
    /// <summary>Where block cloning is switched, for people: zfs(4).</summary>
    public static string CloningSetting => "sysctl vfs.zfs.bclone_enabled";

    /// <summary>Whether the module clones blocks, vfs.zfs.bclone_enabled of zfs(4).</summary>
    public static bool CloningEnabled => Sysctl.Read("vfs.zfs.bclone_enabled"u8.ToName()) is [not 0, ..];

    /// <summary>The release of OpenZFS, vfs.zfs.version.module; 0.0.0 where it cannot be told.</summary>
    public static Version Version
    {
        get
        {
            var text = Encoding.ASCII.GetString(Sysctl.Read("vfs.zfs.version.module"u8.ToName()) ?? []).TrimStart('v');
            return Version.TryParse(string.Concat(text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')), out var version) ? version : new Version(0, 0, 0);
        }
    }
}
