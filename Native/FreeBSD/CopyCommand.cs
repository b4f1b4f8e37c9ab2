namespace Kvol.Native;

/// <summary>The command that copies a volume to another file system: tar(1), which with -p restores owners, ACLs, flags and extended
/// attributes, and fails if it cannot. cp(1) keeps no extended attributes.</summary>
internal static class CopyCommand
{
    /// <summary>The command that makes the new directory <paramref name="to"/> a copy of <paramref name="volume"/>; all are written as in
    /// a shell.</summary>
    public static string Text(string volume, string content, string to) =>
        $"mkdir {to} && kvol export {volume} | tar -xpf - -C {to}";
}
