using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>A bookmark: what is left of a snapshot so that an incremental stream can start there. It has the snapshot's identity, and
/// none of its content.</summary>
/// <param name="Name">The part after the <c>#</c>.</param>
/// <param name="Guid">That of the snapshot.</param>
/// <param name="CreationTxg">The transaction group in which the snapshot was taken.</param>
internal sealed record Bookmark(string Name, ulong Guid, ulong CreationTxg);

/// <summary>What libzfs_core does with bookmarks.</summary>
internal sealed unsafe partial class ZfsCore
{
    /// <summary>lzc_get_bookmarks(): the bookmarks of a dataset, in no order.</summary>
    public IReadOnlyList<Bookmark> Bookmarks(string dataset)
    {
        using var wanted = new NvList();
        wanted.Add("guid", value: (ulong?)null);
        wanted.Add("createtxg", value: (ulong?)null);
        ObjectDisposedException.ThrowIf(closed, this);
        nint bookmarks = 0;
        fixed (byte* n = new ByteString(dataset).Terminated)
        {
            Check(LibZfsCore.lzc_get_bookmarks(n, wanted, &bookmarks), "lzc_get_bookmarks", dataset);
        }

        using var list = NvList.Own(bookmarks);
        var packed = new PackedList(list.Pack());
        return [.. packed.Names().Select(name => packed.Inner(name) is { } of
            ? new Bookmark(name, of.Number("guid", "value") ?? 0, of.Number("createtxg", "value") ?? ulong.MaxValue)
            : new Bookmark(name, 0, ulong.MaxValue))];
    }

    /// <summary>lzc_bookmark(): makes <c>DATASET#NAME</c> from a snapshot of the same dataset. <see cref="Failure.Exists"/> when the name
    /// is taken, <see cref="Failure.NotSupported"/> when the pool has not the feature.</summary>
    public void MakeBookmark(string bookmark, string snapshot)
    {
        using var list = new NvList();
        list.Add(bookmark, snapshot);
        ObjectDisposedException.ThrowIf(closed, this);
        nint errors = 0;
        var error = LibZfsCore.lzc_bookmark(list, &errors);
        Free(errors);
        Check(error, "lzc_bookmark", bookmark);
    }

    /// <summary>lzc_destroy_bookmarks(): all of them or none; missing ones count as destroyed.</summary>
    public void DestroyBookmarks(IEnumerable<string> bookmarks, string subject)
    {
        using var list = new NvList();
        foreach (var bookmark in bookmarks)
        {
            list.Add(bookmark, value: (ulong?)null);
        }

        ObjectDisposedException.ThrowIf(closed, this);
        nint errors = 0;
        var error = LibZfsCore.lzc_destroy_bookmarks(list, &errors);
        Free(errors);
        Check(error, "lzc_destroy_bookmarks", subject);
    }
}
