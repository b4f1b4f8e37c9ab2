using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>ZFS streams to and from zfs(8), and encrypted volumes.</summary>
[Trait("Needs", "Machine")]
public class StreamsOfDatasets
{
    [Fact]
    public void Streams_go_to_zfs_receive_and_come_from_zfs_send()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        box.Shell("zfs set atime=off $P").Ok(); // else a file that is read is a change, and an increment fits no more
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        var before = box.Manifest("/$V/web");
        box.Shell("$KVOL snapshot web@a && $KVOL export web@a --format zfs | zfs receive $P/there && $KVOL export web --format zfs -o "
            + "$T/now && zfs send $V/web@a | $KVOL import from-zfs -l a=b && $KVOL import now $T/now").Ok();
        Assert.Equal(before, box.Manifest("/$P/there"));
        Assert.Equal(before, box.Manifest("/$V/from-zfs"));
        Assert.Equal(before, box.Manifest("/$V/now"));
        Assert.Equal($"b {box.Pool}/kvol/volumes/from-zfs@a",
            box.Get("kvol:label.a", "$V/from-zfs") + " " + box.Shell("zfs list -H -o name -t snapshot $V/from-zfs $V/now").Ok().Out.Trim());

        // A chain of three, both ways.
        box.Shell("echo 2 >/$V/web/f2 && $KVOL snapshot web@b && echo 3 >/$V/web/f3 && $KVOL snapshot web@c && $KVOL export web@b "
            + "--format zfs -i a -o $T/b && $KVOL export web@c --format zfs -i web@b -o $T/c"
            + " && zfs receive $P/there <$T/b && $KVOL import --into from-zfs $T/b && $KVOL import --into from-zfs <$T/c && zfs send -i "
                + "b $V/web@c | zfs receive $P/there && cat /$V/from-zfs/f3 /$P/there/f3").Ok();
        box.Kvol("import", "--into", "now", box.Top + "/b").Refused(64, "snapshot", "nothing was imported");
        box.Kvol("import", "other", box.Top + "/b").Refused(69, "incremental stream", "--into");
        box.Kvol("import", "--into", "from-zfs", box.Top + "/now").Refused(64, "whole");
        box.Kvol("export", "web@a", "--format", "zfs", "-i", "c", "-o", box.Top + "/x").Refused(64, "not a snapshot of the same");
        box.Shell("! test -e $T/x && ! ls -A $T | grep kvol-new && zfs rollback $V/from-zfs@c && echo changed >/$V/from-zfs/f3 && echo "
            + "4 >/$V/web/f4 && $KVOL snapshot web@d && $KVOL export web@d --format zfs -i c -o $T/d").Ok();
        box.Kvol("import", "--into", "from-zfs", box.Top + "/d").Refused(75, "was changed", "from-zfs@c");
        box.Shell("zfs send -p $V/web@a >$T/p && ! zfs list -H -t snapshot -o name | grep kvol-").Ok();
        box.Kvol("import", "other", box.Top + "/p").Refused(69, "zfs receive");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--raw")]
    public void An_attribute_whose_block_compresses_to_almost_nothing_arrives(string options)
    {
        using var box = new ZfsBox("-O xattr=sa -O compression=on");
        box.Shell(
            $"$KVOL create v && echo content >/$V/v/f && setfattr -n user.big -v $(head -c 3000 /dev/zero | tr '\\0' e) /$V/v/f && zpool "
                + "sync $P"
            + $" && $KVOL export v --format zfs {options} -o $T/s && $KVOL import w $T/s && cmp /$V/v/f /$V/w/f && test $(getfattr "
            + "--only-values -n user.big /$V/w/f | wc -c) = 3000"
            + " && test \"$(getfattr --only-values -n user.big /$V/w/f)\" = \"$(getfattr --only-values -n user.big /$V/v/f)\"").Ok();
    }

    [Fact]
    public void A_stream_that_was_cut_off_leaves_nothing()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 200);
        box.Shell("$KVOL create web && $KVOL seed web $R/srv && head -c 2000000 /dev/urandom >/$V/web/big && $KVOL export web --format "
            + "zfs -o $T/s && n=$(stat -c %s $T/s) && for i in $(seq 20); do"
            + " at=$((313 + (RANDOM * 32768 + RANDOM) % (n - 400))); head -c $at $T/s | $KVOL import cut 2>>$T/err; test $? = 65 || { "
                + "echo status at $at; tail -1 $T/err; exit 1; }; ! zfs list $V/cut 2>/dev/null || { echo left at $at; exit 1; }; done;"
            + " test $(wc -l <$T/err) = 20 && ! test -e /$V/cut").Ok();
        Assert.Equal(["web"], box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void An_encrypted_volume_opens_with_the_key_that_zfs_takes()
    {
        using var box = new ZfsBox();
        box.Shell("printf 'correct horse battery\\n' >$T/pass && head -c 32 /dev/urandom >$T/raw && head -c 32 /dev/urandom | od -An "
            + "-tx1 | tr -d ' \\n' >$T/hex"
            + " && for k in pass raw hex; do $KVOL create $k --encrypt --key-file $T/$k && echo $k >/$V/$k/f && $KVOL unload-key $k && "
                + "zfs load-key $V/$k && zfs unload-key $V/$k && ! test -e /$V/$k/f"
            + " && $KVOL load-key $k && grep $k /$V/$k/f || exit 1; done").Ok();
        Assert.Equal("passphrase raw hex",
            box.Get("keyformat", "$V/pass") + " " + box.Get("keyformat", "$V/raw") + " " + box.Get("keyformat", "$V/hex"));
        box.Shell("$KVOL snapshot pass@s && $KVOL export pass@s --format zfs --raw -o $T/raws && $KVOL unload-key pass && $KVOL import "
            + "copy $T/raws && printf 'another passphrase\\n' >$T/wrong").Ok();
        Assert.Equal("unavailable no", box.Get("keystatus", "$V/copy") + " " + box.Get("mounted", "$V/copy"));
        box.Kvol("load-key", "copy", "--key-file", box.Top + "/wrong").Refused(77, "not the key");
        box.Kvol("export", "pass", "-o", box.Top + "/no").Refused(69, "key");
        box.Kvol("load-key", "copy", "--key-file", box.Top + "/pass").Ok();
        Assert.Equal("pass\n", box.Shell("cat /$V/copy/f").Ok().Out);
        box.Shell("$KVOL create plain && echo short >$T/short").Ok();
        box.Kvol("unload-key", "plain").Refused(64, "not encrypted");
        box.Kvol("create", "x", "--encrypt", "--key-file", box.Top + "/short").Refused(64, "no key");
        box.Mount("raw:/srv").Ok();
        box.Kvol("unload-key", "raw").Refused(75, "/srv");
    }
}
