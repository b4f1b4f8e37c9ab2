using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Stores that are read-only, full, damaged or littered.</summary>
public class PlacesInTrouble
{
    // The lock files are as a backup that leaves out empty files brings a store back.
    [Theory]
    [InlineData("true")]
    [InlineData("rm -f store/locks/*")]
    [InlineData("rm -rf store/locks store/mountpoints")]
    public void A_read_only_store_is_listed_mounted_read_only_exported_and_unmounted(string before)
    {
        using var box = new Box();
        box.Shell($"""
            set -e
            mkdir store root/d; mount -t tmpfs -o mode=755 t store
            $KVOL create v; echo x >store/volumes/v/data/f; {before}; mount -o remount,ro store
            $KVOL ls -q | grep -qx v
            $KVOL inspect v >/dev/null
            $KVOL df v >/dev/null
            $KVOL export v -o v.tar; tar -tf v.tar | grep -q f
            $KVOL mount $R v:/d:ro; test -e root/d/f
            $KVOL umount $R; test ! -e root/d/f
            $KVOL attach j $R v:/d:ro; $KVOL detach j $R; test ! -e root/d/f
            """).Ok();
        Assert.Contains("BAD  store: " + box.Store + " is read-only", box.Run("doctor").Out, StringComparison.Ordinal);
        box.Run("create", "w").Refused(73);
        box.Shell("$KVOL gc -n; mount -o remount,rw store; $KVOL rm v; umount store").Ok();
    }

    [Theory]
    [InlineData("size=200k", "dd if=/dev/zero of=store/volumes/v/data/big bs=4k 2>/dev/null")]
    [InlineData("nr_inodes=40", "i=0; while : >store/volumes/v/data/$i; do i=$((i+1)); done 2>/dev/null")]
    public void A_full_store_can_be_freed(string option, string fill)
    {
        using var box = new Box();
        box.Shell($"""
            mkdir store root/d; mount -t tmpfs -o mode=755,{option} t store; $KVOL create v || exit
            rm -f store/locks/*; {fill}
            $KVOL doctor | grep -q 'BAD  store: .* is full' || exit 2
            $KVOL mount $R v:/d:ro && $KVOL umount $R || exit 3
            $KVOL rm v && $KVOL create w || exit 4
            """).Ok();
        Assert.Equal(["w"], box.Volumes);
        box.Shell("umount store").Ok();
    }

    [Fact]
    public void What_is_renamed_or_back_counts_also_where_the_store_is_full()
    {
        using var box = new Box();
        box.Shell("""
            mkdir store; mount -t tmpfs -o mode=755,nr_inodes=20 t store; $KVOL create v; $KVOL create w; : >store/locks/x
            i=0; while : >store/volumes/w/data/$i; do i=$((i+1)); done 2>/dev/null
            $KVOL rename v x || exit 2
            rm store/volumes/w/data/?; $KVOL rm --keep 1h x || exit 3
            i=0; while : >store/volumes/w/data/$i; do i=$((i+1)); done 2>/dev/null
            $KVOL undelete x || exit 4
            """).Ok();
        Assert.Equal(["w", "x"], box.Volumes);
        box.Shell("umount store").Ok();
    }

    [Fact]
    public void Where_the_lock_file_cannot_be_made_the_volume_itself_is_locked()
    {
        using var box = new Box();
        box.Shell("mkdir store; mount -t tmpfs -o mode=755 t store; $KVOL create v; rm store/locks/v; mount -o remount,ro store").Ok();
        using (var holder = box.StartShell("exec 9<store/volumes/v; flock 9; echo held; exec sleep 1000"))
        {
            using var poll = box.StartShell("until ! flock -n store/volumes/v true; do sleep 0.01; done");
            poll.Wait().Ok();
            box.Run("--wait", "0", "export", "v", "-o", box.Top + "/v.tar").Refused(75, "locked");
            box.Shell("mount -o remount,rw store").Ok();
            box.Run("--wait", "0", "rm", "v").Refused(75, "locked");
        }

        box.Shell("$KVOL rm v && umount store").Ok();
    }

    [Theory]
    [InlineData("rm -r store/volumes/v/data", "data")]
    [InlineData("rm -r store/volumes/v/data; echo mine >store/volumes/v/data", "data: is not a directory")]
    [InlineData("rm -r store/volumes/v/data; ln -s /etc store/volumes/v/data", "data: is not a directory")]
    [InlineData("rm -r store/volumes/v/data; mkfifo store/volumes/v/data", "data: is not a directory")]
    [InlineData("rm store/volumes/v/volume.json", "volume.json")]
    [InlineData("echo '{' >store/volumes/v/volume.json", "volume.json")]
    [InlineData("rm -r store/volumes/v; echo mine >store/volumes/v", "")]
    [InlineData("rm -r store/volumes/v; mkdir -p store/volumes/v/mine", "")]
    [InlineData("rm -r store/volumes/v; ln -s /etc store/volumes/v", "")]
    public void A_damaged_volume_names_the_way_out_which_moves_it_aside(string damage, string what)
    {
        using var box = new Box();
        box.Run("create", "w").Ok();
        box.Shell("$KVOL create v; : >store/volumes/v/data/keep; " + damage).Ok();
        box.Run("inspect", "v").Refused(65, "kvol rm -f v", what);
        box.Run("rm", "v").Refused(65, "kvol rm -f v");
        Assert.Contains("kvol rm -f v", box.Run("doctor").Out, StringComparison.Ordinal);
        var removed = box.Run("rm", "-f", "v").Ok();
        Assert.Equal("v\n", removed.Out);
        var aside = Assert.Single(Sys.List(box.Store + "/damaged"));
        Assert.StartsWith("v.", aside, StringComparison.Ordinal);
        Assert.Contains($"{box.Store}/damaged/{aside}", removed.Err, StringComparison.Ordinal);
        Assert.Equal(["w"], box.Volumes);
        box.Run("create", "v").Ok();
        box.Run("gc").Ok();
        Assert.Equal([aside], Sys.List(box.Store + "/damaged"));
    }

    [Fact]
    public void What_cannot_be_deleted_keeps_neither_its_name_nor_gc_nor_other_volumes()
    {
        using var box = new Box();
        box.Shell("""
            for v in v w; do $KVOL create $v; done
            mkdir -p store/volumes/.gone-v/data store/volumes/.new-v/data store/volumes/v/.seeding/data
            for d in .gone-v/data .new-v/data v/.seeding/data; do mount -t tmpfs t store/volumes/$d; done
            """).Ok();
        var removed = box.Run("rm", "v");
        Assert.Equal(75, removed.Exit);
        Assert.Contains("its name is free", removed.Err, StringComparison.Ordinal);
        box.Run("create", "v").Ok();
        box.Run("rm", "w").Ok();
        Assert.Equal(75, box.Run("gc").Exit);
        Assert.Equal(["v"], box.Volumes);
        box.Shell("grep -o '[^ ]*/store/volumes/[^ ]*' /proc/self/mounts | xargs -n 1 umount").Ok();
        box.Run("gc").Ok();
        Assert.Equal(["v"], Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void Gc_removes_the_temporary_files_of_a_kill_and_none_that_is_being_written()
    {
        using var box = new Box();
        box.Mount("v:/made").Ok();
        box.Shell("""
            for d in store store/volumes; do
                : >$d/.kvol-new-0123; : >$d/.kvol-new-4567
                touch -d '1 day ago' $d/.probe-12-from $d/.store.json.ab; : >$d/.store.json.cd
            done
            for d in run/roots run/mountpoints store/mountpoints; do mkdir -p -m 700 $d; : >$d/.1-2.json.new; done
            """).Ok();
        using (var writer = box.StartShell("exec 8<store/.kvol-new-4567 9<store/volumes/.kvol-new-4567; flock 8; flock 9; exec sleep 1000"))
        {
            box.Shell("until ! flock -n store/volumes/.kvol-new-4567 true; do sleep 0.01; done").Ok();
            Assert.Equal(9, box.Run("gc", "-n").Ok().Lines.Length);
            Assert.Equal(9, box.Run("gc").Ok().Lines.Length);
        }

        foreach (var directory in (string[])["store", "store/volumes"])
        {
            Assert.Equal([".kvol-new-4567", ".store.json.cd"], Sys.List($"{box.Top}/{directory}").Where(n => n.StartsWith('.')));
        }

        Assert.DoesNotContain(Directory.GetFiles(box.Top, ".*.json.new",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), _ => true);
    }
}
