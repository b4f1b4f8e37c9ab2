using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A directory for making something that others must not see before it is complete.</summary>
internal static class StagingDirectory
{
    /// <summary>Makes the directory, accessible to root alone, and opens it. Files made inside inherit neither group nor ACL from the
    /// parent directory: a set-gid directory passes its group on, and FreeBSD's file systems always do, open(2).</summary>
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
