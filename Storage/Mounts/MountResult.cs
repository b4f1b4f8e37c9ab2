using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The result of one spec. <paramref name="Path"/> is its mount point on the host.</summary>
internal sealed record MountResult(MountSpec Spec, string Path, bool ReadOnly, bool AlreadyMounted, bool VolumeCreated, SeedRecord? Seeded);

/// <summary>The source of a mount: an open descriptor and its status.</summary>
internal sealed record MountSource(Fd Descriptor, FileStatus Status, ByteString Path, ByteString Origin, MountFlags InheritedFlags)
    : System.IDisposable
{
    /// <summary>A mount of the source that no process sees yet, and that is to be attached; closed for every source but a ZFS
    /// snapshot.</summary>
    public Fd Detached { get; init; } = Fd.None;

    /// <summary>The user namespace as which the mount shows owners; closed if the SPEC names none.</summary>
    public Fd UserNamespace { get; init; } = Fd.None;

    /// <summary>Its number; 0 if there is none.</summary>
    public ulong NamespaceNumber { get; init; }

    public void Dispose()
    {
        UserNamespace.Dispose();
        Descriptor.Dispose();
        Detached.Dispose();
    }
}

/// <summary>The mount point of a new mount: an open descriptor and its status.</summary>
internal sealed record MountPlace(Fd Descriptor, FileStatus Status, ByteString Path) : System.IDisposable
{
    /// <summary>Reads the status of a descriptor; null if it is closed.</summary>
    public static MountPlace? Of(Fd? place) => place is { } fd ? new MountPlace(fd, Files.Status(fd), Files.PathOf(fd)) : null;

    public void Dispose() => Descriptor.Dispose();
}
