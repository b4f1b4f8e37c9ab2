using System;
using System.IO;
using Kvol.Tests.Port;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The acceptance test that is made for FreeBSD, in the test machine: what it asks of a ZFS store. It starts thousands of
/// processes, which takes longer there than all other tests of ZFS: 'make test TESTS="-class Kvol.Tests.Zfs.AcceptanceOnZfs -explicit on"'
/// runs it, with KVOL_ACCEPTANCE_DRY=1 each command with -n first.</summary>
[Trait("Needs", "Machine")]
public class AcceptanceOnZfs
{
    [Fact(Explicit = true)]
    public void It_passes_on_a_ZFS_store_too()
    {
        var archive = Path.Combine(Directory.CreateTempSubdirectory("kvol-acceptance").FullName, "tree.tar");
        Tool.Run("tar", "-cf", archive, "-C", PortTree.Top, "Tests/Port/acceptance.sh", "Tests/Port/acceptance", "port");
        Guest.Current.Put(archive, "/tmp/acceptance.tar");
        Directory.Delete(Path.GetDirectoryName(archive)!, recursive: true);
        var result = Guest.Current.Shell("mkdir -p /tmp/acceptance && tar -xf /tmp/acceptance.tar -C /tmp/acceptance && "
            + $"KVOL_ACCEPTANCE_DRY={Environment.GetEnvironmentVariable("KVOL_ACCEPTANCE_DRY")} "
            + "KVOL_BIN=/usr/local/sbin/kvol KVOL_ACCEPTANCE_PLACES=zfs sh /tmp/acceptance/Tests/Port/acceptance.sh", 3600);
        Assert.True(result.Exit == 0, result.Out);
        Assert.Contains(" passed, 0 failed, ", result.Out);
    }
}
