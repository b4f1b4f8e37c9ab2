using System;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A stream that can be written: to a pipe, and until what <paramref name="Write"/> is given has no reader any more.</summary>
/// <param name="Write">Writes all of it; blocks.</param>
/// <param name="Release">What is to be undone when it was written.</param>
internal sealed record VolumeStream(Action<Fd> Write, Action Release) : IDisposable
{
    public void Dispose() => Release();
}

/// <summary>What a store does that sends and receives its volumes in the file system's own format.</summary>
internal interface IVolumeStreams
{
    /// <summary>A stream of a volume as it is now, or of a snapshot, or of what changed between two of them. The lock need not be held
    /// while it is written.</summary>
    VolumeStream OpenStream(VolumeName name, SnapshotName? snapshot, SnapshotName? since, bool raw);

    /// <summary>Takes a stream, all or nothing: makes a volume, or brings one forward that is there when <paramref name="wanted"/> is null.
    /// With <paramref name="keep"/>, what came of one that is cut off stays, invisible, for the stream that goes on with it.
    /// <paramref name="feed"/> gives the bytes to what takes them from a pipe.</summary>
    SeedRecord Receive(VolumeName name, NewVolume? wanted, StreamBegin begin, bool keep, string what, Action<Action<Fd>> feed,
        CopyReport report);
}
