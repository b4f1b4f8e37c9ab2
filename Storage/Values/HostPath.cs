using System;
using System.IO;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Paths that the administrator gives.</summary>
internal static class HostPath
{
    /// <summary>Whether a word is a path: it begins with <c>/</c>, <c>./</c> or <c>../</c>, or is <c>.</c> or <c>..</c>. Any other word is
    /// the name of a volume or dataset.</summary>
    public static bool IsMeant(string word) => word is "." or ".." || word.StartsWith('/')
        || word.StartsWith("./", StringComparison.Ordinal) || word.StartsWith("../", StringComparison.Ordinal);

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
