using System.Text;

namespace Kvol.Native;

/// <content>/sys/module/zfs, module/os/linux.</content>
internal static partial class ZfsModule
{
    /// <summary>Where block cloning is switched, for people: zfs(4).</summary>
    public static string CloningSetting => "zfs_bclone_enabled (/sys/module/zfs/parameters)";

    /// <summary>Whether the module clones blocks, zfs_bclone_enabled of zfs(4).</summary>
    public static bool CloningEnabled => Read("parameters/zfs_bclone_enabled") is not (null or "0");

    private static string VersionText => Read("version") ?? "";

    private static string? Read(string name)
    {
        try
        {
            return Encoding.ASCII.GetString(SmallFile.Read(new ByteString($"/sys/module/zfs/{name}"))).Trim();
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }
    }
}
