using System;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>ZFS streams that are cut off and go on.</summary>
[Trait("Needs", "Machine")]
public class StreamsGoOn
{
    [Fact]
    public void A_stream_that_is_cut_off_again_and_again_goes_on_until_it_is_whole()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 200);
        box.Shell("$KVOL create web && $KVOL seed web $R/srv && head -c 3000000 /dev/urandom >/$V/web/big && $KVOL snapshot web@a && "
            + "$KVOL export web@a --format zfs -o $T/s").Ok();
        var before = box.Manifest("/$V/web");
        box.Shell("head -c 2000000 $T/s | $KVOL import there --resume -l a=b").Refused(65, "is kept", "zfs send -t", "kvol rm there");
        Assert.Equal("receiving", box.Inspect("there").GetProperty("state").GetString());
        Assert.Equal("b", box.Inspect("there").GetProperty("labels").GetProperty("a").GetString());
        Assert.Equal(box.Get("receive_resume_token", "$V/there"), box.Inspect("there").GetProperty("receive_resume_token").GetString());
        Assert.Contains("receiving", box.Kvol("ls").Ok().Out);

        // Nothing of it can be seen, or is taken for a volume that is whole.
        box.Mount("there:/srv").Refused(69, "not complete");
        box.Kvol("export", "there", "-o", box.Top + "/x").Refused(69, "not complete");
        box.Kvol("export", "there", "--format", "zfs", "-o", box.Top + "/x").Refused(75, "not complete");
        box.Kvol("clone", "there", "other").Refused(75, "not complete");
        box.Kvol("snapshot", "there@s").Refused(75, "not complete");
        box.Kvol("seed", "there", box.Top + "/root/srv").Refused(69, "not complete");
        box.Kvol("import", "there", "--resume", box.Top + "/s").Refused(75, "is kept");
        box.Kvol("import", "there", box.Top + "/s").Refused(75, "is kept");
        box.Shell("$KVOL gc && $KVOL prune --all -n | grep there && exit 1; zfs mount -a; ! test -e /$V/there/big && ! findmnt /$V/there")
            .Ok();

        box.Shell("token() { $KVOL inspect there | sed -n 's/.*\"receive_resume_token\": \"\\(.*\\)\".*/\\1/p'; }; for i in $(seq "
            + Campaign.Size("ZFS_STREAMS", 4) + "); "
            + "do zfs send -t $(token) >$T/r || exit 1; n=$(stat -c %s $T/r);"
            + " head -c $((400 + (RANDOM * 32768 + RANDOM) % (n - 700))) $T/r | $KVOL import --resume there 2>$T/err; test $? = 65 && "
                + "grep 'is kept' $T/err || { cat $T/err; exit 1; }; done; zfs send -t $(token) >$T/r"
            + " && ! $KVOL import there $T/r && $KVOL import --resume there $T/r -l c=d --json").Ok();
        Assert.Equal(before, box.Manifest("/$V/there"));
        Assert.Equal("ready null b d", string.Join(' ', box.Inspect("there").GetProperty("state"),
            box.Inspect("there").GetProperty("receive_resume_token").GetRawText(),
            box.Inspect("there").GetProperty("labels").GetProperty("a"), box.Inspect("there").GetProperty("labels").GetProperty("c")));
        box.Kvol("import", "there", "--resume", box.Top + "/r").Refused(64, "no part");
        box.Kvol("import", "web", "--resume", box.Top + "/s").Refused(73, "already exists");
    }

    [Fact]
    public void What_is_kept_goes_with_its_volume()
    {
        using var box = new ZfsBox();
        box.Shell("zfs set atime=off $P && $KVOL create web && head -c 3000000 /dev/urandom >/$V/web/big && $KVOL snapshot web@a && "
            + "$KVOL export web@a --format zfs | $KVOL import there -l a=b && head -c 3000000 /dev/urandom >/$V/web/big2"
            + " && $KVOL snapshot web@b && $KVOL export web@b --format zfs -i a -o $T/b && $KVOL export web --format zfs -o $T/now").Ok();
        box.Shell("head -c 2000000 $T/now | $KVOL import other --resume").Refused(64, "VOL@NAME");
        box.Shell("head -c 2000000 $T/b | $KVOL import there --into --resume").Refused(65, "is kept", "zfs receive -A");

        // The volume itself is as it was.
        Assert.Equal("ready b",
            $"{box.Inspect("there").GetProperty("state")} {box.Inspect("there").GetProperty("labels").GetProperty("a")}");
        box.Shell("cmp /$V/there/big /$V/web/big && ! test -e /$V/there/big2").Ok();
        box.Kvol("import", "there", "--into", box.Top + "/b").Refused(75, "is kept");
        box.Shell("zfs send -t $($KVOL inspect there | sed -n 's/.*\"receive_resume_token\": \"\\(.*\\)\".*/\\1/p') | $KVOL import "
            + "--resume there && cmp /$V/there/big2 /$V/web/big2").Ok();
        Assert.Equal("ready b",
            $"{box.Inspect("there").GetProperty("state")} {box.Inspect("there").GetProperty("labels").GetProperty("a")}");

        box.Shell("echo 3 >/$V/web/f3 && head -c 3000000 /dev/urandom >/$V/web/big3 && $KVOL snapshot web@c && $KVOL export web@c "
            + "--format zfs -i b | head -c 2000000 | $KVOL import there --into --resume; test $? = 65 && test -n \"$(zfs list -H -o "
            + "receive_resume_token $V/there | tr -d -)\""
            + " && $KVOL rm -f there && ! zfs list $V/there && head -c 2000000 $T/s | true; $KVOL export web@b --format zfs | head -c "
                + "2000000 | $KVOL import part --resume; test $? = 65 && $KVOL rm part").Ok();
        Assert.Equal(["web"], box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void Without_being_asked_nothing_is_kept_and_an_increment_leaves_labels_alone()
    {
        using var box = new ZfsBox();
        box.Shell("zfs set atime=off $P && head -c 32 /dev/urandom >$T/key && $KVOL create web --encrypt --key-file $T/key && head -c "
            + "3000000 /dev/urandom >/$V/web/big && $KVOL snapshot web@a && $KVOL export web@a --format zfs --raw | $KVOL import there "
            + "-l a=b"
            + " && head -c 3000000 /dev/urandom >/$V/web/big2 && $KVOL snapshot web@b && $KVOL export web@b --format zfs --raw -i a -o "
                + "$T/b && ! head -c 2000000 $T/b | $KVOL import --into there && $KVOL import --into there $T/b").Ok();
        Assert.Equal("b null",
            $"{box.Inspect("there").GetProperty("labels").GetProperty("a")} "
            + $"{box.Inspect("there").GetProperty("receive_resume_token").GetRawText()}");
        Assert.Equal(box.Get("kvol:created", "$V/there")[..4], DateTime.UtcNow.Year.ToString(null, null));
    }
}
