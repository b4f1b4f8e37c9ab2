using System;
using System.IO;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Paths that the administrator gives.</summary>
internal static class HostPath
{
    /// <summary>Whether a word is a path: it begins with <c>/</c>, <c>./</c> or <c>../</c>, or is <c>.</c> or <c>..</c>. Any other word is
    /// the name of a volume or dataset.</summary>
    public static bool IsMeant(string word) => word is "." or ".." || word.StartsWith('/')
        || word.StartsWith("./", StringComparison.Ordinal) || word.StartsWith("../", StringComparison.Ordinal);

    /// <summary>The path from the root on, taking a relative one from the working directory that the kernel knows. An error (64) if that
    /// one's path is not valid UTF-8, because a text cannot hold it.</summary>
    public static string Absolute(string path)
    {
        if (path.StartsWith('/'))
        {
            return Path.GetFullPath(path);
        }

        using var here = Files.OpenDirectory(CName.Of(".\0"u8));
        var above = Files.PathOf(here);
        return above.IsText ? Path.GetFullPath(path, above.Text)
            : throw new KvolException(ExitStatus.Usage, Shown.Word(path),
                $"the path of the working directory, {above}, is not in UTF-8; give an absolute path, or go to another directory first");
    }
}
