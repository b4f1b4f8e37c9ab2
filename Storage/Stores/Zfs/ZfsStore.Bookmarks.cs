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
        var dataset = volumes.Child(snapshot.Volume.Text).Text;
        var name = ForSent + snapshot.Name;
        try
        {
            var guid = zfs.Device.Find(DatasetOf(snapshot))?.Guid; // it is held
            var own = zfs.Core.Bookmarks(dataset).Where(IsOwn).ToArray();
            if (Array.Find(own, b => b.Name == name) is { } taken)
            {
                if (taken.Guid == guid)
                {
                    return;
                }

                DestroyBookmarks(dataset, [taken]); // of an older snapshot that had this name
            }

            zfs.Core.MakeBookmark($"{dataset}#{name}", DatasetOf(snapshot));
            DestroyBookmarks(dataset, own.Where(b => b.Name != name).OrderByDescending(b => b.CreationTxg).Skip(MostSent - 1));
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            // another export of the same snapshot was faster
        }
        catch (NativeException e)
        {
            warn($"{snapshot}: was sent, but has no bookmark ({e.Reason}); the next increment starts from it only while it is kept");
        }
    }

    /// <summary>The bookmarks that a rollback to a snapshot must destroy, because the kernel allows no newer ones; an error (75) if one of
    /// them is not kvol's.</summary>
    private IReadOnlyList<Bookmark> NewerBookmarks(SnapshotName snapshot)
    {
        var dataset = volumes.Child(snapshot.Volume.Text).Text;
        var made = Require(snapshot).CreationTxg;
        var newer = Bookmarks(dataset).Where(b => b.CreationTxg > made).ToArray();
        return Array.Find(newer, b => !IsOwn(b)) is not { Name: { } name } ? newer
            : throw new KvolException(ExitStatus.Busy, snapshot.ToString(),
                $"a newer bookmark exists, {dataset}#{name}: zfs destroy {dataset}#{name}");
    }

    private void DestroyBookmarks(string dataset, IEnumerable<Bookmark> bookmarks)
    {
        if (bookmarks.Select(b => $"{dataset}#{b.Name}").ToArray() is { Length: > 0 } names)
        {
            zfs.Core.DestroyBookmarks(names, dataset);
        }
    }

    private IReadOnlyList<Bookmark> Bookmarks(string dataset) => ZfsErrors.Reading(dataset, () => zfs.Core.Bookmarks(dataset));

    private static bool IsOwn(Bookmark bookmark) => bookmark.Name.StartsWith(ForSent, StringComparison.Ordinal);
}
