using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A directory in which something is made that nobody is to see before it is complete.</summary>
internal static class StagingDirectory
{
    /// <summary>Makes it for root alone and opens it. What is made inside takes neither group nor ACL from where it lies: a set-gid
    /// directory hands its group down, and FreeBSD's file systems always do, open(2).</summary>
    public static Fd Make(Fd at, ByteString name)
    {
        Files.MakeDirectory(at, name, Permissions.OwnerOnly);
        var staging = Files.OpenDirectory(at, name);
        Files.SetMode(staging, Permissions.OwnerOnly);
        Files.SetOwner(staging, CName.Empty, 0, 0);
        Attributes.RemoveInheritedAcl(staging);
        return staging;
    }
}
