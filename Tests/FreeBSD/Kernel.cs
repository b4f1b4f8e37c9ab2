using System;
using System.Linq;
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
    public void A_mount_table_that_is_longer_than_usual_is_read_whole()
    {
        using var box = new Box();
        box.Shell("for i in $(seq 140); do mkdir -p many/$i; mount -t tmpfs none many/$i; done").Ok();
        box.Mount("v:/data").Ok();
        Assert.Contains("/data", box.Run("mounts").Ok().Out, StringComparison.Ordinal);
        box.Umount().Ok();
        box.Shell("umount many/*").Ok();
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
    public void A_store_that_is_seen_through_nullfs_is_examined_as_its_source()
    {
        using var box = new Box();
        box.Shell("mkdir -p lower middle store && mount --bind lower middle && mount --bind middle store && $KVOL create v").Ok();
        box.Environment["STANDIN_TYPE"] = "nfs";
        Assert.Contains("nfssvc", box.Run("ls").Err, StringComparison.Ordinal); // the options of NFS, which the stand-in does not tell
        box.Environment.Remove("STANDIN_TYPE");
        Assert.Equal(["v"], box.Volumes);
        box.Shell("umount store middle").Ok();
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

    [Theory]
    [InlineData("STANDIN_EXCHANGES", "v:/way/data", "renamed again and again")]
    [InlineData("STANDIN_FORGETS", "TOP/source:/file", "renamed or removed while kvol looked at it")]
    public void A_component_that_changes_between_two_calls_is_looked_at_again_but_not_for_ever(string change, string spec, string words)
    {
        using var box = new Box();
        box.MakeFile("source");
        box.Shell("mkdir -p $R/real/data && ln -s real $R/way && : >$R/file").Ok();
        spec = spec.Replace("TOP", box.Top, StringComparison.Ordinal);
        box.Environment[change] = "100000";
        box.Mount(spec).Refused(75, words, "try again");
        Assert.Empty(box.Mounts);
        box.Environment[change] = "3";
        box.Mount(spec).Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void Nothing_that_kvol_makes_in_a_store_takes_a_list_of_NFSv4_from_above()
    {
        using var box = new Box("ext4");
        box.Environment["STANDIN_NFS4"] = box.Top;
        box.Shell("""
            set -e
            setfattr -n trusted.standin.nfs4 -v 'user:1003:rwxp---------:fd-----:allow' .
            mkdir -p $R/srv/d; echo x >$R/srv/f
            $KVOL init; $KVOL create c; $KVOL mount $R v:/srv; $KVOL umount $R; $KVOL clone v w; $KVOL export v -o v.tar
            $KVOL import x v.tar; $KVOL attach j $R v:/srv; $KVOL detach j; $KVOL rm --keep 1h w; $KVOL gc
            """).Ok();
        Assert.Equal("", box.Shell("getfattr -R -h -n trusted.standin.nfs4 store 2>/dev/null").Out);
        Assert.Contains("user:1003", box.Shell("getfattr -n trusted.standin.nfs4 . 2>/dev/null").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_the_file_system_has_no_model_for_widens_no_mode_and_is_reported()
    {
        using var box = new Box("ext4");
        box.MakeDir("other");
        Sys.Mount("tmpfs", box.Top + "/other", "tmpfs", 0);
        box.Environment["STANDIN_NFS4"] = box.Top;
        box.Environment["KVOL_ROOT"] = box.Top + "/store";
        // From POSIX.1e to NFSv4.
        box.Shell("mkdir other/srv; cd other/srv; echo x >f; mkdir d; chmod 664 f; setfacl -m u:1001:rw,g::r,m:rw f; "
            + "setfacl -m u:7:rwx,g::-,m:rwx d").Ok();
        box.Run("create", "a").Ok();
        var posix = box.Run("seed", "a", box.Top + "/other/srv").Ok();
        Assert.Contains("POSIX.1e ACL: this file system has NFSv4 ACLs", posix.Err, StringComparison.Ordinal);
        Assert.Equal("644 705", box.Shell("cd store/volumes/a/data; echo $(stat -c %a f d)").Ok().Out.Trim());
        // The same by an archive.
        box.Run("--root", box.Top + "/other/store", "create", "p").Ok();
        box.Run("--root", box.Top + "/other/store", "seed", "p", box.Top + "/other/srv").Ok();
        box.Run("--root", box.Top + "/other/store", "export", "p", "-o", box.Top + "/p.tar").Ok();
        Assert.Contains("POSIX.1e ACL: this file system has NFSv4 ACLs", box.Run("import", "b", box.Top + "/p.tar").Ok().Err,
            StringComparison.Ordinal);
        Assert.Equal("644 705", box.Shell("cd store/volumes/b/data; echo $(stat -c %a f d)").Ok().Out.Trim());
        // From NFSv4 to POSIX.1e, and within NFSv4.
        box.Shell("mkdir nfs; cd nfs; echo x >f; chmod 640 f; "
            + "setfattr -n trusted.standin.nfs4 -v 'user:1003:r-------------:-------:deny' f").Ok();
        box.Run("create", "c").Ok();
        box.Run("seed", "c", box.Top + "/nfs").Ok();
        Assert.Contains("user:1003", box.Shell("getfattr -n trusted.standin.nfs4 store/volumes/c/data/f").Ok().Out,
            StringComparison.Ordinal);
        box.Run("export", "c", "-o", box.Top + "/c.tar").Ok();
        box.Run("import", "d", box.Top + "/c.tar").Ok();
        Assert.Contains("user:1003", box.Shell("getfattr -n trusted.standin.nfs4 store/volumes/d/data/f").Ok().Out,
            StringComparison.Ordinal);
        Assert.Contains("NFSv4 ACL: this file system has POSIX.1e ACLs",
            box.Run("--root", box.Top + "/other/store", "import", "e", box.Top + "/c.tar").Ok().Err, StringComparison.Ordinal);
        Assert.Equal("640", box.Shell("stat -c %a other/store/volumes/e/data/f").Ok().Out.Trim());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1")]
    public void Flags_of_top_entries_of_every_kind_hinder_no_seeding_whatever_cuts_it_off(string level)
    {
        using var box = new Box("ext4");
        box.Shell("""
            set -e
            mkdir -p $R/srv/d reader/data; cd $R/srv
            ln -s x l; mkfifo p; echo 1 >f; mknod c c 1 3; mknod b b 7 99; ln f g; echo 2 >s
            python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("k")'
            setfattr -h -n trusted.standin.flags -v 131072 l; setfattr -h -n trusted.standin.flags -v 2 p
            setfattr -h -n trusted.standin.flags -v 1048576 c; setfattr -h -n trusted.standin.flags -v 4 b
            setfattr -h -n trusted.standin.flags -v 262144 k; setfattr -h -n trusted.standin.flags -v 16 d
            chattr +i f s
            """).Ok();
        var original = Manifest.Of(box.Root + "/srv");
        // A seeding makes no other calls after the record of it is on disk: moves, flags of links and special files, flags, the end.
        foreach (var call in (string[])["renameat", "linkat", "unlinkat", "lsetxattr", "ioctl", "utimensat", "fsync", "sync"])
        {
            var wasKilled = true;
            for (var which = 1; wasKilled; which++)
            {
                box.Run("mount", box.Top + "/reader", "v:/data:ro").Ok();
                box.Environment["STANDIN_SECURELEVEL"] = level;
                wasKilled = Killed.At(box, call, which, "mount", box.Root, "v:/srv");
                if (wasKilled)
                {
                    box.Mount("v:/srv").Ok();
                }

                original.MustEqual(Manifest.Of(box.Data("v")));
                Assert.Equal(2, box.Shell("lsattr -d store/volumes/v/data/[fs]").Ok().Lines
                    .Count(l => l.StartsWith("----i", StringComparison.Ordinal)));
                Assert.Equal("ready", box.Inspect("v").GetProperty("state").GetString());
                box.Environment.Remove("STANDIN_SECURELEVEL");
                box.Run("umount", box.Top + "/reader").Ok();
                box.Umount().Ok();
                box.Run("rm", "v").Ok();
            }
        }
    }
}
