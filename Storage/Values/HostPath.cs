using System.IO;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Paths that the administrator gives.</summary>
internal static class HostPath
{
    /// <summary>The path from the root on, taking a relative one from the working directory that the kernel knows.</summary>
    public static string Absolute(string path)
    {
        if (path.StartsWith('/'))
        {
            return Path.GetFullPath(path);
        }

        using var here = Files.OpenDirectory(CName.Of(".\0"u8));
        return Path.GetFullPath(path, Encoding.UTF8.GetString(Files.PathOf(here).Bytes));
    }
}
