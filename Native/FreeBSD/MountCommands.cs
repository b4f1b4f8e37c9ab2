using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>The commands of the base system that are equal to what <see cref="KernelMounts"/> does: mount_nullfs(8).</summary>
internal static class MountCommands
{
    /// <summary>The words of the commands that mount <paramref name="source"/> on <paramref name="target"/>, and the mounts at the paths
    /// <paramref name="inner"/> below the source on the same places below the target.</summary>
    public static IEnumerable<string[]> Bind(ByteString source, ByteString target, MountFlags flags, IReadOnlyList<ByteString> inner)
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
