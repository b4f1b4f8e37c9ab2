using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.FreeBSD;

/// <summary>What FreeBSD's kernel answers and Linux's does not.</summary>
[Trait("System", "FreeBSD")]
public class Kernel
{
    [Fact]
    public void Inside_a_jail_nothing_is_changed_and_doctor_says_why()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Environment["STANDIN_JAILED"] = "1";
        box.Mount("v:/data").Refused(77, "inside a jail");
        Assert.Empty(MountInfo.Below(box.Root));
        Assert.Contains("BAD  jail: ", box.Run("doctor").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_securelevel_keeps_of_a_volume_is_deleted_after_the_next_boot()
    {
        using var box = new Box("ext4");
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        box.Shell("mkdir store/volumes/v/data/d; : >store/volumes/v/data/d/f; chattr +i store/volumes/v/data/d/f").Ok();
        box.Environment["STANDIN_SECURELEVEL"] = "1";
        Assert.Contains("ok   securelevel: 1", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("rm", "v").Refused(77, "kern.securelevel is 1", "its name is free", "kvol gc");
        Assert.Equal(["w"], box.Volumes);
        box.Run("create", "v").Ok();
        Assert.Equal(75, box.Run("gc").Exit);
        box.Environment["STANDIN_SECURELEVEL"] = "-1";
        box.Run("gc").Ok();
        Assert.Equal(["v", "w"], Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void A_directory_store_on_zfs_is_not_said_to_copy_every_byte()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Environment["STANDIN_TYPE"] = "zfs";
        Assert.Contains("cloning: not known: copy_file_range(2) shares blocks", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("snapshot", "v@s").Refused(69, "in ZFS: kvol init POOL/DATASET");
    }

    [Fact]
    public void An_entry_that_the_mask_limits_goes_into_an_archive_without_a_comment()
    {
        using var box = new Box();
        box.Shell("""
            set -e
            $KVOL create v; : >store/volumes/v/data/f
            setfacl -m u:1001:rw,m:r store/volumes/v/data/f
            $KVOL export v -o v.tar; grep -aq 'user:1001:rw-' v.tar; ! grep -aq effective v.tar
            $KVOL import w v.tar; test "$(getfacl -cpn store/volumes/v/data/f)" = "$(getfacl -cpn store/volumes/w/data/f)"
            """).Ok();
    }
}
