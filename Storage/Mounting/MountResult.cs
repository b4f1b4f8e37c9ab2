using Kvol.Native;
using Kvol.Storage.Copy;

namespace Kvol.Storage.Mounting;

/// <summary>What became of one spec.</summary>
internal sealed record MountResult(
    string Type, string Source, string Destination, string Path, bool ReadOnly, bool AlreadyMounted, bool VolumeCreated, SeedRecord? Seeded);

/// <summary>The source of a mount, open and looked at.</summary>
internal sealed record MountSource(Fd Descriptor, FileStatus Status, ByteString Path, ByteString Origin, MountFlags InheritedFlags) : System.IDisposable
{
    public void Dispose() => Descriptor.Dispose();
}
