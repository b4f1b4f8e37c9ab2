using System;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>The paths of files that are being made at this moment, by their hashes: two that have the same one by chance only cost a
/// wait.</summary>
internal sealed class PendingPaths
{
    private const int Most = 1 << 16;
    private const ulong Basis = 14695981039346656037, Prime = 1099511628211; // FNV-1a

    private readonly HashSet<ulong> paths = [];

    /// <summary>Whether a path, or a directory on its way, may be one of them, or there are too many; <paramref name="path"/> is what
    /// <see cref="Add"/> wants.</summary>
    public bool Concerns(ReadOnlySpan<ByteString> names, out ulong path)
    {
        var concerns = paths.Count >= Most;
        path = Basis;
        foreach (var name in names)
        {
            foreach (var b in name.Bytes)
            {
                path = (path ^ b) * Prime;
            }

            path = (path ^ '/') * Prime;
            concerns |= paths.Contains(path);
        }

        return concerns;
    }

    public void Add(ulong path) => paths.Add(path);

    public void Clear() => paths.Clear();
}
