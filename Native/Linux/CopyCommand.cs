namespace Kvol.Native;

/// <summary>The command that copies a volume to another file system: cp(1) of GNU coreutils, which fails if it cannot keep what is named
/// one by one. With <c>-a</c> or <c>--preserve=all</c> it loses extended attributes and still succeeds.</summary>
internal static class CopyCommand
{
    /// <summary>The command that makes the new directory <paramref name="to"/> a copy of <paramref name="content"/>; both are written as
    /// in a shell.</summary>
    public static string Text(string volume, string content, string to) =>
        $"cp -dR --preserve=mode,ownership,timestamps,links,xattr {content} {to}";
}
