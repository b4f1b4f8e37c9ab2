using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>A seeding that was cut off heals, whatever others did to the dataset meanwhile, and loses nothing of theirs.</summary>
[Trait("Needs", "Machine")]
public class SeedingHeals
{
    /// <summary>In a script: the guid of the volume as it is in names.</summary>
    private const string Guid = "$(printf %016x $(zfs get -H -p -o value guid $V/web))";

    [Fact]
    public void A_killed_seeding_is_done_again()
    {
        using var box = Cut(out var before);
        Assert.Equal("seeding", box.Inspect("web").GetProperty("state").GetString());
        box.Mount("web:/srv").Ok();
        Assert.Equal(before, box.Manifest("$R/srv"));
        Assert.Equal("", box.Get("kvol:seeding", "$V/web").Trim('-'));
    }

    [Fact]
    public void A_snapshot_taken_during_the_seeding_neither_blocks_nor_is_lost()
    {
        using var box = Cut(out var before);
        box.Shell("zfs snapshot $V/web@autosnap_2026-11-24_hourly").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal(before, box.Manifest("$R/srv"));
        box.Shell("zfs list -t snapshot $V/web@autosnap_2026-11-24_hourly").Ok();
    }

    [Fact]
    public void A_dataset_that_is_mounted_elsewhere_heals_and_stays_mounted_there()
    {
        using var box = Cut(out _);
        box.Shell("mkdir $T/elsewhere && mount --bind /$V/web $T/elsewhere").Ok();
        box.Mount("web:/srv").Refused(75, "mounted writable on"); // healed, and not seeded again
        Assert.Equal("", box.Shell("ls -A $T/elsewhere").Ok().Out);
        box.Shell("umount $T/elsewhere && $KVOL mount $R web:/srv && ls $R/srv/file1").Ok();
    }

    [Fact]
    public void What_was_written_by_hand_after_the_crash_is_kept()
    {
        using var box = Cut(out _);
        box.Shell("echo precious >/$V/web/byhand").Ok();
        Assert.Contains("byhand", box.Mount("web:/srv").Ok().Err);
        Assert.Equal("precious\n", box.Shell("cat $R/srv/byhand").Ok().Out);
        Assert.Equal("byhand", box.Shell("ls -A $R/srv").Ok().Out.Trim());
        Assert.Equal("ready", box.Inspect("web").GetProperty("state").GetString());
    }

    [Fact]
    public void A_volume_whose_seeding_was_cut_off_can_be_removed()
    {
        using var box = Cut(out _);
        box.Kvol("rm", "web").Ok();
        Assert.Empty(box.Kvol("ls", "-q").Ok().Lines);
    }

    [Fact]
    public void Interrupted_by_a_signal_nothing_is_left()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 400);
        Interrupt(box, "TERM").Refused(143, "undone");
        Assert.Empty(box.Kvol("ls", "-q").Ok().Lines);
        Assert.Equal("", box.Shell("findmnt -rn | grep $V/ || true").Ok().Out);
    }

    [Fact]
    public void After_the_commit_the_moves_are_completed()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        var before = box.Manifest("$R/srv");
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        // What a power cut between two moves leaves: the tree half moved up, the rest below the committed directory.
        box.Shell($"cd /$V/web && c=.kvol-seeded-{Guid} && mkdir -m 700 $c $c/tree $c/top && mv file1 sub $c/tree/"
            + " && zfs set kvol:seeding=\"$(zfs get -H -o value kvol:seed $V/web)\" $V/web && zfs inherit kvol:seed $V/web"
            + " && chmod 1770 $c/top && touch -d '2002-03-04 05:06:07.123456789' $c/top").Ok();
        Assert.Equal("seeding", box.Inspect("web").GetProperty("state").GetString());
        box.Mount("web:/srv").Ok();
        Assert.Equal(before, box.Manifest("$R/srv"));
        Assert.NotEqual("-", box.Get("kvol:seed", "$V/web"));
    }

    [Fact]
    public void Cut_off_while_the_committed_directory_was_being_removed_it_heals()
    {
        using var box = new ZfsBox();
        box.Shell($"$KVOL create web && echo x >/$V/web/x && mkdir -m 700 /$V/web/.kvol-seeded-{Guid}"
            + " && zfs set kvol:seeding='{\"source\":\"/srv\",\"at\":\"2026-01-02T03:04:05Z\",\"files\":1,\"bytes\":2,\"not_kept\":[]}' "
                + "$V/web").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal("x", box.Shell("ls -A $R/srv").Ok().Out.Trim());
        Assert.Equal("/srv", box.Inspect("web").GetProperty("seed").GetProperty("source").GetString());
    }

    [Fact]
    public void Cut_off_before_its_last_transaction_nothing_is_left_to_do_but_that()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && echo x >/$V/web/x && zfs set "
            + "kvol:seeding='{\"source\":\"/srv\",\"at\":\"2026-01-02T03:04:05Z\",\"files\":1,\"bytes\":2,\"not_kept\":[]}' $V/web").Ok();
        Assert.Equal("seeding", box.Inspect("web").GetProperty("state").GetString());
        Assert.Contains("web", box.Kvol("gc").Ok().Out);
        Assert.Equal("ready /srv", box.Inspect("web").GetProperty("state").GetString() + " " + box.Inspect("web").GetProperty("seed")
            .GetProperty("source").GetString());
    }

    [Fact]
    public void Content_that_is_named_as_kvol_names_a_staging_directory_is_content()
    {
        using var box = new ZfsBox();
        box.Shell("mkdir -p $R/srv/.kvol-seeded/tree $R/srv/.kvol-seeding-0123456789abcdef && echo x >$R/srv/.kvol-seeded/tree/x").Ok();
        var before = box.Manifest("$R/srv");
        box.Mount("web:/srv").Ok();
        Assert.Equal(before, box.Manifest("$R/srv"));
        box.Shell("rm -r $R/srv/.kvol-seeded && $KVOL umount $R && mkdir -p $T/two/srv && echo y >$T/two/srv/y && $KVOL mount $T/two "
            + "web:/srv").Ok();
        Assert.Equal(".kvol-seeding-0123456789abcdef", box.Shell("ls -A $T/two/srv").Ok().Out.Trim());
    }

    [Fact]
    public void An_empty_directory_made_by_hand_while_it_is_being_seeded_stays()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 400);
        var result = box.Shell(
            "$KVOL mount $R web:/srv & until [ -e /$V/web/.kvol-seeding-*/tree/file9 ] || ! kill -0 $!; do :; done; mkdir "
            + "/$V/web/incoming; wait $!");
        result.Refused(75, "incoming");
        box.Shell("ls -d /$V/web/incoming").Ok();
    }

    [Fact]
    public void Snapdir_visible_makes_no_volume_look_full_and_is_not_copied()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        box.Shell("$KVOL create web -o snapdir=visible && zfs snapshot $V/web@empty && ls -A /$V/web | grep -x .zfs").Ok();
        Assert.Equal("empty", box.Inspect("web").GetProperty("state").GetString());
        box.Mount("web:/srv").Ok();
        box.Shell("ls $R/srv/file1").Ok();
        // And as a source: the covered directory is the top of a dataset that shows its snapshots.
        box.Shell("zfs create -o mountpoint=$R/data -o snapdir=visible $P/data && echo x >$R/data/x && zfs snapshot $P/data@s && $KVOL "
            + "create copy && $KVOL seed copy $R/data").Ok();
        Assert.Equal("x", box.Shell("ls -A /$V/copy").Ok().Out.Trim());
    }

    /// <summary>A seeding of many files, killed while it copies.</summary>
    private static ZfsBox Cut(out string manifest)
    {
        var box = new ZfsBox();
        box.Fill("/srv", 400);
        manifest = box.Manifest("$R/srv");
        Assert.Equal(128 + 9, Interrupt(box, "KILL").Exit);
        Assert.Equal("", box.Shell("findmnt -rno TARGET | grep ^$R || true").Ok().Out);
        return box;
    }

    /// <summary>Signals a mount as soon as the first files of its seeding are there; both in the test machine, where nothing else is
    /// between.</summary>
    private static Result Interrupt(ZfsBox box, string signal) => box.Shell(
        $"$KVOL mount $R web:/srv & until [ -e /$V/web/.kvol-seeding-*/tree/file9 ] || ! kill -0 $!; do :; done; kill -{signal} $! || "
            + "echo 'it was faster than the test' >&2; wait $!");
}
