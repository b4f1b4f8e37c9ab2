using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The directory that a volume is about to cover.</summary>
/// <param name="Directory">Open for reading; the caller closes it.</param>
/// <param name="Descriptor">The descriptor with which it was found.</param>
/// <param name="Status">Its status.</param>
/// <param name="Seeds">Whether an empty volume is to be filled with its content: it has an entry, and the spec does not forbid
/// seeding.</param>
internal sealed record Covered(Fd Directory, Fd Descriptor, FileStatus Status, bool Seeds) : IDisposable
{
    /// <summary>Examines a destination; null if there is no directory that a volume would cover, or something is mounted on it.</summary>
    public static Covered? Of(MountSpec spec, MountPlace? place, IVolumeStore? store)
    {
        if (spec.LiveVolume is null || place is not { Status: { IsDirectory: true, IsMountRoot: false } })
        {
            return null;
        }

        if (spec.NoCopy || spec.Subpath is not null || !place.Descriptor.IsOpen)
        {
            return new Covered(Fd.None, place.Descriptor, place.Status, Seeds: false);
        }

        var directory = Files.Reopen(place.Descriptor);
        try
        {
            return new Covered(directory, place.Descriptor, place.Status,
                Emptiness.FirstForeignIn(directory, () => store!.OpenRecords(create: false)) is not null);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Dispose();
}
