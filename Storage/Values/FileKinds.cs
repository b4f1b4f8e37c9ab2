using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>What people call the kinds of files.</summary>
internal static class FileKinds
{
    /// <summary>The word for a kind, as find(1) and ls(1) have it in their manuals.</summary>
    public static string Word(FileKind kind) => kind switch
    {
        FileKind.Regular => "regular file",
        FileKind.Directory => "directory",
        FileKind.SymbolicLink => "symbolic link",
        FileKind.CharacterDevice => "character device",
        FileKind.BlockDevice => "block device",
        FileKind.Fifo => "named pipe",
        FileKind.Socket => "socket",
        _ => "file of an unknown kind",
    };
}
