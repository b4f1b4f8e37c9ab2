using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>The commands of the base system that are equal to what <see cref="KernelMounts"/> does: mount_nullfs(8).</summary>
internal static class MountCommands
{
    /// <summary>The words of the command that mounts a new file system of a type that has no source.</summary>
    public static string[] New(string type, IReadOnlyList<(string Name, string? Value)> options, ByteString target, MountFlags flags)
    {
        string[] words = [.. MountOptions.Of(flags), .. options.Select(o => o.Value is null ? o.Name : $"{o.Name}={o.Value}")];
        return ["mount", "-t", type, .. words.Length > 0 ? (string[])["-o", string.Join(',', words)] : [], type, target.Text];
    }

    /// <summary>The words of the command that mounts a ZFS snapshot by its name. There is never a
    /// <paramref name="userNamespace"/>.</summary>
    public static string[] Snapshot(ByteString snapshot, ByteString target, MountFlags flags, string? userNamespace) =>
        ["mount", "-t", "zfs", "-o", string.Join(',', MountOptions.Of(flags)), snapshot.Text, target.Text];

    /// <summary>The words of the commands that mount <paramref name="source"/> on <paramref name="target"/>, and the mounts at the paths
    /// <paramref name="inner"/> below the source on the same places below the target. There is never a
    /// <paramref name="userNamespace"/>.</summary>
    public static IEnumerable<string[]> Bind(ByteString source, ByteString target, MountFlags flags, string? userNamespace,
        IReadOnlyList<ByteString> inner)
    {
        var options = string.Join(',', MountOptions.Of(flags));
        yield return Words(options, source, target);
        foreach (var path in inner)
        {
            yield return Words(options, path, target.Plus(path.After(source)));
        }
    }

    private static string[] Words(string options, ByteString source, ByteString target) => options.Length == 0
        ? ["mount_nullfs", source.Text, target.Text] : ["mount_nullfs", "-o", options, source.Text, target.Text];
}
