using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The options of a mount of NFS as nfssvc(2) tells them.</summary>
public class NetworkMounts
{
    [Theory]
    [InlineData("nfsv3,tcp,resvport,hard,cto,lockd,rdirplus", null)]
    [InlineData("nfsv3,tcp,resvport,hard,cto,nolockd", "nolockd")]
    [InlineData("nfsv4,minorversion=2,tcp,nolockd", null)]
    [InlineData("xnfsv4,tcp,nolockd", "nolockd")]
    [InlineData("xnolockd,nfsv3", null)]
    [InlineData("nfsv4,minorversion=2,tcp,nocto,nolockd", "nocto")]
    [InlineData("nfsv3,tcp,nocto,nolockd", "nolockd")]
    [InlineData("nfsv4,tcp,xnocto", null)]
    [InlineData("", null)]
    public void The_option_with_which_hosts_cannot_share_a_store_is_found(string options, string? option)
    {
        var mount = NetworkFileSystem.Of("srv:/x", options);
        Assert.Equal(("nfs", "srv:/x", option), (mount.Type, mount.Source, mount.Unsafe?.Name));
    }
}
