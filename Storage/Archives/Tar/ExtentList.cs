using System;
using System.Collections;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>A piece of a file that is data.</summary>
internal readonly record struct Extent(long Offset, long Length);

/// <summary>The pieces of one file after the other, in the same memory.</summary>
/// <param name="beyond">Makes the error (65) of a member that has too much of something, by its name.</param>
internal sealed class ExtentList(Func<ByteString, string, Exception> beyond) : IReadOnlyList<Extent>
{
    private TarMember? owner;

    private readonly List<Extent> extents = [];

    public int Count => extents.Count;

    public Extent this[int index] => extents[index];

    /// <summary>Removes the pieces of the last file; errors name <paramref name="member"/> from now on.</summary>
    public void Begin(TarMember member)
    {
        owner = member;
        extents.Clear();
    }

    /// <summary>All pieces are added: releases the member, which may hold megabytes of attributes.</summary>
    public void End() => owner = null;

    public void Clear() => extents.Clear();

    /// <summary>An error (65) when this number of pieces exceeds the limit.</summary>
    public void Require(long count) => _ = count <= TarLimits.Extents ? 0
        : throw beyond(owner!.Name, $"has more pieces of data between holes than the limit of {TarLimits.Extents}");

    public void Add(Extent extent)
    {
        Require(extents.Count + 1L);
        extents.Add(extent);
    }

    /// <summary>Sets the length of the last piece.</summary>
    public void EndLast(long length) => extents[^1] = extents[^1] with { Length = length };

    public IEnumerator<Extent> GetEnumerator() => extents.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
