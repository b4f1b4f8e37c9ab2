using Kvol.Native;
using Kvol.Storage.Base;

namespace Kvol.Storage.Trees;

/// <summary>Checks by trying whether a file system clones blocks.</summary>
internal static class CloneProbe
{
    /// <summary>The message for the administrator, after an attempt to clone one block in a directory of kvol's.</summary>
    public static string Describe(Fd directory)
    {
        try
        {
            return Content.ClonesByItself(directory)
                ? "not known: copy_file_range(2) shares blocks where the pool has block_cloning enabled; see zpool get bcloneused"
                    : Works(directory) ? "yes: a seeding from the same file system shares its blocks"
                    : "no: this file system does not support it; kvol copies all bytes";
        }
        catch (NativeException e)
        {
            return $"not known: {e.Reason}";
        }
    }

    /// <summary>Whether one block could be cloned in a directory of kvol's.</summary>
    public static bool Works(Fd directory)
    {
        if (!Content.CanClone)
        {
            return false; // and no file is made
        }

        using NewFile from = new(directory), to = new(directory);
        Content.Write(from.File, new byte[4096]);
        return Content.Clone(from.File, to.File);
    }
}
