using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What became of one spec. <paramref name="Path"/> is where it is on the host.</summary>
internal sealed record MountResult(MountSpec Spec, string Path, bool ReadOnly, bool AlreadyMounted, bool VolumeCreated, SeedRecord? Seeded);

/// <summary>The source of a mount, open and looked at.</summary>
internal sealed record MountSource(Fd Descriptor, FileStatus Status, ByteString Path, ByteString Origin, MountFlags InheritedFlags)
    : System.IDisposable
{
    public void Dispose() => Descriptor.Dispose();
}

/// <summary>Where a mount is to be made, open and looked at.</summary>
internal sealed record MountPlace(Fd Descriptor, FileStatus Status, ByteString Path) : System.IDisposable
{
    /// <summary>Looks at what is open; null when nothing is.</summary>
    public static MountPlace? Of(Fd? place) => place is { } fd ? new MountPlace(fd, Files.Status(fd), Files.PathOf(fd)) : null;

    public void Dispose() => Descriptor.Dispose();
}
