using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>The commands of the base system that are equal to what <see cref="KernelMounts"/> does: mount(8) of util-linux.</summary>
internal static class MountCommands
{
    /// <summary>The words of the command that mounts a new file system of a type that has no source.</summary>
    public static string[] New(string type, IReadOnlyList<(string Name, string? Value)> options, ByteString target, MountFlags flags)
    {
        string[] words = [.. MountOptions.Of(flags), .. options.Select(o => o.Value is null ? o.Name : $"{o.Name}={o.Value}")];
        return ["mount", "-t", type, .. words.Length > 0 ? (string[])["-o", string.Join(',', words)] : [], type, target.Text];
    }

    /// <summary>The words of the command that mounts a ZFS snapshot by its name.</summary>
    public static string[] Snapshot(ByteString snapshot, ByteString target, MountFlags flags, string? userNamespace) =>
        ["mount", "-t", "zfs", "-o", string.Join(',', [.. MountOptions.Of(flags), .. Map(userNamespace)]), snapshot.Text, target.Text];

    /// <summary>The words of the commands that bind <paramref name="source"/> to <paramref name="target"/>, and the mounts at the paths
    /// <paramref name="inner"/> below the source to the same places below the target. With a
    /// <paramref name="userNamespace"/>, which util-linux 2.39 knows, they show owners as it maps them.</summary>
    public static IEnumerable<string[]> Bind(ByteString source, ByteString target, MountFlags flags, string? userNamespace,
        IReadOnlyList<ByteString> inner)
    {
        yield return ["mount", inner.Count > 0 ? "--rbind" : "--bind", .. Map(userNamespace).SelectMany(m => new[] { "-o", m }),
            source.Text, target.Text];
        yield return ["mount", inner.Count > 0 ? "--make-rprivate" : "--make-private", target.Text];
        if (flags == MountFlags.None)
        {
            yield break;
        }

        var options = string.Join(',', ["remount", "bind", .. MountOptions.Of(flags)]);
        yield return ["mount", "-o", options, target.Text];
        foreach (var path in inner)
        {
            yield return ["mount", "-o", options, target.Plus(path.After(source)).Text];
        }
    }

    private static string[] Map(string? userNamespace) => userNamespace is null ? [] : ["X-mount.idmap=" + userNamespace];
}
