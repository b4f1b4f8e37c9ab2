using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A stream that can be written to a pipe; writing ends early once the pipe has no reader.</summary>
/// <param name="Write">Writes the whole stream; blocks.</param>
/// <param name="Release">Released after the stream was written.</param>
internal sealed record VolumeStream(Action<Fd> Write, Action Release) : IDisposable
{
    public void Dispose() => Release();
}

/// <summary>Sends and receives a store's volumes in the file system's own format.</summary>
internal interface IVolumeStreams
{
    /// <summary>A stream of a volume as it is now, of a snapshot, or of the changes up to it. The lock may be released while it is
    /// written.</summary>
    VolumeStream OpenStream(VolumeName name, SnapshotName? snapshot, SendPoint? since, bool raw);

    /// <summary>Where an incremental stream of a volume can start: its snapshots and bookmarks.</summary>
    IReadOnlyList<SendPoint> SendPoints(VolumeName name);

    /// <summary>Bookmarks a snapshot that was sent and still exists, so that the next incremental stream can start from it when it is gone.
    /// Warns if it cannot.</summary>
    void MarkSent(SnapshotName snapshot);

    /// <summary>Receives a stream, all or nothing: creates a volume, or if <paramref name="wanted"/> is null updates an existing one. With
    /// <paramref name="keep"/>, a partly received stream is kept, invisible, so that another stream can resume it. <paramref name="feed"/>
    /// writes the bytes into a pipe from which they are received.</summary>
    SeedRecord Receive(VolumeName name, NewVolume? wanted, StreamBegin begin, bool keep, string what, Action<Action<Fd>> feed,
        CopyReport report);
}
