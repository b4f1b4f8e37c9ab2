using System.IO;
using System.Runtime.CompilerServices;

namespace Kvol.Tests.Support;

/// <summary>Debian's sanoid(8) and syncoid(8) in the test machine.</summary>
internal static class Sanoid
{
    /// <summary>Unpacks them there, if that was not done since it booted.</summary>
    public static void Install([CallerFilePath] string here = "")
    {
        if (Guest.Current.Shell("test -e /usr/sbin/sanoid").Exit != 0)
        {
            var packed = Tool.Run("sh", Path.Combine(Path.GetDirectoryName(here)!, "../Guest/sanoid.sh")).Trim();
            Guest.Current.Put(packed, "/tmp/sanoid.tar.gz", "644");
            Guest.Current.Shell("tar -C / -xzf /tmp/sanoid.tar.gz --keep-directory-symlink && rm /tmp/sanoid.tar.gz").Ok();
        }
    }
}
