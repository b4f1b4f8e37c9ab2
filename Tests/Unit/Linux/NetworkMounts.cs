using System.Text;
using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What the mount table says of the options of NFS, nfs(5).</summary>
[Trait("System", "Linux")]
public class NetworkMounts
{
    private const string Row = "36 25 0:33 / /mnt rw,relatime shared:5 - ";

    [Theory]
    [InlineData("nfs4 srv:/x rw,vers=4.2,hard,proto=tcp,local_lock=none,addr=1.2.3.4", null)]
    [InlineData("nfs srv:/x rw,vers=3,local_lock=posix", null)]
    [InlineData("nfs srv:/x rw,vers=3,local_lock=flock", "local_lock=flock")]
    [InlineData("nfs srv:/x rw,vers=3,local_lock=all", "local_lock=all")]
    [InlineData("nfs srv:/x rw,vers=3,nolock,local_lock=all", "nolock")]
    [InlineData("nfs4 srv:/x rw,xnolock,nolockx,local_lock=none", null)]
    [InlineData("nfs4 srv:/x rw,nocto,local_lock=none", "nocto")]
    [InlineData("nfs srv:/x rw,vers=3,nolock,nocto,local_lock=all", "nolock")]
    [InlineData("nfs4 srv:/x rw,noctox,xnocto,local_lock=none", null)]
    [InlineData("nfs4 srv:/x rw,fsc=a b,local_lock=all", "local_lock=all")]
    public void The_option_with_which_hosts_cannot_share_a_store_is_found(string rest, string? option)
    {
        var mount = NetworkFileSystem.Find(Encoding.UTF8.GetBytes("25 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + Row + rest + "\n"), 36);
        Assert.Equal(("srv:/x", option), (mount!.Source, mount.Unsafe?.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n - \n36\n36 \n")]
    [InlineData("36 25 0:33 / /mnt rw nfs srv:/x rw,local_lock=all")]
    [InlineData("36 25 0:33 / /mnt rw - nfs")]
    [InlineData("+36 25 0:33 / /mnt rw - nfs srv:/x rw")]
    [InlineData("360 25 0:33 / /mnt rw - nfs srv:/x rw")]
    public void A_table_without_the_row_has_no_answer(string text) =>
        Assert.Null(NetworkFileSystem.Find(Encoding.UTF8.GetBytes(text), 36));
}
