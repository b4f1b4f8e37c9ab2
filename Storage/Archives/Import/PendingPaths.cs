using System;
using System.Collections.Generic;

namespace Kvol.Storage.Archives;

/// <summary>The paths of files that are being made at this moment, by their hashes; a collision only costs a wait.</summary>
internal sealed class PendingPaths
{
    private const int Most = 1 << 16;
    private const ulong Basis = 14695981039346656037, Prime = 1099511628211; // FNV-1a

    private readonly HashSet<ulong> paths = [];

    /// <summary>Whether a path, or a directory on its way, may be one of them, or there are too many; <paramref name="path"/> is what <see
    /// cref="Add"/> wants.</summary>
    public bool Concerns(ReadOnlySpan<byte> names, out ulong path)
    {
        var concerns = paths.Count >= Most;
        path = Basis;
        foreach (var b in names)
        {
            concerns |= b == '/' && paths.Contains(path);
            path = (path ^ b) * Prime;
        }

        return concerns || paths.Contains(path);
    }

    public void Add(ulong path) => paths.Add(path);

    public void Clear() => paths.Clear();
}
