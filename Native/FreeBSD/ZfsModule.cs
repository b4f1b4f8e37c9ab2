using System.Text;

namespace Kvol.Native;

/// <content>sysctl(8) vfs.zfs, module/os/freebsd/zfs/sysctl_os.c of OpenZFS.</content>
internal static partial class ZfsModule
{
    /// <summary>Where block cloning is switched, for people: zfs(4).</summary>
    public static string CloningSetting => "sysctl vfs.zfs.bclone_enabled";

    /// <summary>Whether the module clones blocks, vfs.zfs.bclone_enabled of zfs(4).</summary>
    public static bool CloningEnabled => Sysctl.Read("vfs.zfs.bclone_enabled") is [not 0, ..];

    private static string VersionText => Encoding.ASCII.GetString(Sysctl.Read("vfs.zfs.version.module") ?? []);
}
