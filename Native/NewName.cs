namespace Kvol.Native;

/// <summary>Moves that replace nothing.</summary>
internal static class NewName
{
    /// <summary>Moves an entry to another directory of the same file system under the same name; <see cref="Failure.Exists"/> where that is
    /// taken. A kill can leave a file in both directories: the same call then completes the move.</summary>
    public static void Move(Fd from, CName name, Fd to)
    {
        try
        {
            if (Exchange.TryMoveNew(from, name, to, name))
            {
                return;
            }

            if (!Files.Status(from, name).IsDirectory)
            {
                Files.MakeHardLink(from, name, to, name);
                Files.Remove(from, name);
                return;
            }
        }
        catch (NativeException e) when (e.Failure == Failure.Exists && IsSameFile(from, name, to))
        {
            Files.Remove(from, name);
            return;
        }

        RenameDirectory(from, name, to, name);
    }

    /// <summary>Moves a directory to another directory of the same file system under another name; <see cref="Failure.Exists"/> where that
    /// is taken.</summary>
    public static void MoveDirectory(Fd from, CName oldName, Fd to, CName name)
    {
        if (!Exchange.TryMoveNew(from, oldName, to, name))
        {
            RenameDirectory(from, oldName, to, name);
        }
    }

    // A directory has one name: the rename could replace only an empty directory that appeared after the check.
    private static void RenameDirectory(Fd from, CName oldName, Fd to, CName name)
    {
        if (Files.Exists(to, name))
        {
            throw Files.Failed("renameat", to, name, Errno.EEXIST);
        }

        Files.Rename(from, oldName, to, name);
    }

    private static bool IsSameFile(Fd from, CName name, Fd to) =>
        Files.Status(from, name) is { IsDirectory: false } file && file.Identity == Files.Status(to, name).Identity;
}
