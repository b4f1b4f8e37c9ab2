using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Bookmarks of snapshots that were sent, from which the next incremental stream can start when the snapshot is gone, whoever
/// removed it. kvol recognises its own by their names. A rollback destroys those that are newer than its snapshot, and a new one replaces
/// the oldest when there are many. The kernel destroys them with the dataset.</summary>
internal sealed partial class ZfsStore
{
    private const string ForSent = "kvol-sent-";
    private const int MostSent = 256; // an hourly and a weekly target

    public IReadOnlyList<SendPoint> SendPoints(VolumeName name)
    {
        var dataset = volumes.Child(name.Text).Text;
        return [.. zfs.Snapshots(dataset).Select(s => new SendPoint(NameOf(s), s.Guid, s.CreationTxg, false, NameOf(s))),
            .. Bookmarks(dataset).Select(b =>
                new SendPoint(b.Name, b.Guid, b.CreationTxg, true, IsOwn(b) ? b.Name[ForSent.Length..] : null))];
    }

    public void MarkSent(SnapshotName snapshot)
    {
        try
        {
            if (Marking(snapshot) is (var name, var taken, var excess))
            {
                DestroyBookmarks(taken);
                zfs.Core.MakeBookmark(name, DatasetOf(snapshot));
                DestroyBookmarks(excess);
            }
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            // another export of the same snapshot was faster
        }
        catch (NativeException e)
        {
            warn($"{snapshot}: was sent, but has no bookmark ({e.Reason}); the next incremental stream can start from it only while it "
                + "exists");
        }
    }

    /// <summary>The bookmark that a snapshot is to get; the one of an older snapshot that has this name; and those to destroy after it is
    /// made. Null if the snapshot has it.</summary>
    private (string Name, IReadOnlyList<string> Taken, IReadOnlyList<string> Excess)? Marking(SnapshotName snapshot)
    {
        var dataset = volumes.Child(snapshot.Volume.Text).Text;
        var name = ForSent + snapshot.Name;
        var own = zfs.Core.Bookmarks(dataset).Where(IsOwn).ToArray();
        var guid = zfs.Device.Find(DatasetOf(snapshot))?.Guid;
        return Array.Exists(own, b => b.Name == name && b.Guid == guid) ? null
            : ($"{dataset}#{name}", [.. own.Where(b => b.Name == name).Select(FullName)],
                [.. own.Where(b => b.Name != name).OrderByDescending(b => b.CreationTxg).Skip(MostSent - 1).Select(FullName)]);

        string FullName(Bookmark bookmark) => $"{dataset}#{bookmark.Name}";
    }

    /// <summary>The bookmarks that a rollback to a snapshot must destroy, because the kernel allows no newer ones; an error (75) if one of
    /// them is not kvol's.</summary>
    private IReadOnlyList<string> NewerBookmarks(SnapshotName snapshot)
    {
        var dataset = volumes.Child(snapshot.Volume.Text).Text;
        var made = Require(snapshot).CreationTxg;
        var newer = Bookmarks(dataset).Where(b => b.CreationTxg > made).ToArray();
        return Array.Find(newer, b => !IsOwn(b)) is not { Name: { } name } ? [.. newer.Select(b => $"{dataset}#{b.Name}")]
            : throw new KvolException(ExitStatus.Busy, snapshot.ToString(),
                $"a newer bookmark exists, {dataset}#{name}: zfs destroy {dataset}#{name}");
    }

    private void DestroyBookmarks(IReadOnlyList<string> bookmarks)
    {
        if (bookmarks.Count > 0)
        {
            zfs.Core.DestroyBookmarks(bookmarks, bookmarks[0]);
        }
    }

    private IReadOnlyList<Bookmark> Bookmarks(string dataset) => ZfsErrors.Reading(dataset, () => zfs.Core.Bookmarks(dataset));

    private static bool IsOwn(Bookmark bookmark) => bookmark.Name.StartsWith(ForSent, StringComparison.Ordinal);
}
