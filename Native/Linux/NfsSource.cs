using System;

namespace Kvol.Native;

/// <summary>What a mount of NFS shows. Its row has "/" as the root of every mount, also of a bind of a part; the source names the
/// directory: HOST:PATH (nfs_show_path and nfs_show_devname, fs/nfs/super.c).</summary>
internal static class NfsSource
{
    /// <summary>Whether a type is that of a mount of NFS: nfs(5).</summary>
    public static bool Is(ReadOnlySpan<byte> type) => type.SequenceEqual("nfs"u8) || type.SequenceEqual("nfs4"u8);

    /// <inheritdoc cref="Is(ReadOnlySpan{byte})"/>
    public static bool Is(string? type) => type is "nfs" or "nfs4";

    /// <summary>The path of the directory at the server, without a slash at the end; empty for the top of its tree, and for a source that
    /// names no path.</summary>
    public static byte[] PathOf(ReadOnlySpan<byte> source)
    {
        var colon = source.IndexOf(":/"u8); // an address of IPv6 has colons too, and stands in brackets
        if (colon < 0)
        {
            return [];
        }

        var given = source[(colon + 1)..];
        var path = new byte[given.Length];
        var length = 0;
        foreach (var range in given.Split((byte)'/'))
        {
            var name = given[range];
            if (!name.IsEmpty)
            {
                path[length++] = (byte)'/';
                name.CopyTo(path.AsSpan(length));
                length += name.Length;
            }
        }

        return path[..length];
    }
}
