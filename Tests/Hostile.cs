using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What an unfriendly administrator, jail or file system does; each case once went wrong.</summary>
public class Hostile
{
    [Fact]
    public void An_inode_number_that_comes_back_does_not_make_a_users_file_a_mount_point()
    {
        using var box = new Box("ext4");
        // The records name the very number that the user's file has; only the time of birth differs.
        box.Shell("""
            set -e
            $KVOL create v; touch hf; mkdir -p $R; $KVOL mount $R $PWD/hf:/f
            sleep 0.1 # a tick of the clock that the file system takes its times from
            touch store/volumes/v/data/.keep
            ino=$(stat -c %i store/volumes/v/data/.keep)
            sed -i "s/\"inode\": [0-9]*/\"inode\": $ino/" store/mountpoints/*.json
            mkdir $R/z; echo x >$R/z/f; $KVOL mount $R v:/z
            """).Ok();
        Assert.Equal([".keep"], Sys.List(box.Data("v")));
    }

    [Fact]
    public void Umount_leaves_a_mount_that_a_hand_made_inside_one_of_kvols()
    {
        using var box = new Box();
        box.Shell("mkdir -p src/sub; mount -t tmpfs t src/sub; $KVOL mount $R $PWD/src:/x 2>/dev/null; mount --bind src/sub $R/x/sub").Ok();
        box.Umount().Refused(75);
        Assert.Equal(2, box.Mounts.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("umount src/sub;")]
    public void A_recursive_mount_of_a_whole_file_system_can_be_unmounted(string between)
    {
        using var box = new Box();
        box.Shell("set -e; mkdir src; mount -t tmpfs t src; mkdir src/sub; mount -t tmpfs t2 src/sub; $KVOL mount $R "
            + $"$PWD/src:/x:recursive; {between} $KVOL umount $R").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Recursive_is_an_option_that_a_second_mount_must_repeat()
    {
        using var box = new Box();
        box.Shell("mkdir -p src/sub; mount -t tmpfs t src/sub; $KVOL mount $R $PWD/src:/x 2>/dev/null").Ok();
        box.Mount(box.Top + "/src:/x:recursive").Refused(75);
    }

    [Fact]
    public void A_source_that_contains_the_store_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("seed", "v", box.Top).Refused(64);
        Assert.Empty(Sys.List(box.Data("v")));
        box.Shell("mkdir $R/srv; mount --bind $PWD $R/srv").Ok();
        box.Mount("w:/srv/store").Refused(64);
        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void A_mount_in_the_namespace_of_a_single_thread_is_a_use()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, Platform.OneMountTable);
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Shell("""
            cat >t.py <<'P'
            import ctypes, os, subprocess, sys, threading
            libc = ctypes.CDLL(None, use_errno=True)
            def work():
                assert libc.unshare(0x20000 | 0x200) == 0
                assert libc.mount(b"none", b"/", None, 0x44000, None) == 0
                assert libc.mount(sys.argv[1].encode(), sys.argv[2].encode(), None, 4096, None) == 0
                ready.set(); done.wait()
            ready, done = threading.Event(), threading.Event()
            thread = threading.Thread(target=work, daemon=True); thread.start(); ready.wait()
            status = subprocess.call([os.environ["KVOL"], "rm", "v"]); done.set()
            sys.exit(0 if status == 75 else 1)
            P
            mkdir m; python3 t.py $PWD/store/volumes/v/data $PWD/m
            """).Ok();
        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void A_failed_seeding_leaves_nothing_open_that_keeps_the_undo_from_unmounting()
    {
        using var box = new Box();
        box.Shell("mkdir -p host/b store; for i in $(seq 400); do mkdir host/b/$i; done; mount -t tmpfs -o nr_inodes=150,mode=755 s store")
            .Ok();
        box.Mount(box.Top + "/host:/a", "v:/a/b").Refused(73);
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void Umount_goes_on_past_a_mount_that_something_hides()
    {
        using var box = new Box();
        box.Mount("v:/a/b", "w:/c").Ok();
        box.Shell("mount -t tmpfs hide $R/a").Ok();
        box.Umount().Refused(75);
        Assert.Empty(MountInfo.At(box.Root + "/c"));
        box.Shell("umount $R/a").Ok();
        box.Umount().Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData("store/mountpoints/x.json", "{}")]
    [InlineData("store/mountpoints/x.json", "[1]")]
    [InlineData("run/roots/1-1.json", "{\"boot\":1,\"mounts\":[]}")]
    public void A_damaged_record_counts_as_lost(string file, string content)
    {
        using var box = new Box();
        box.Mount("v:/d").Ok();
        Sys.Write(box.Data("v") + "/f", [1]);
        Sys.Write(box.Top + "/" + file, System.Text.Encoding.UTF8.GetBytes(content));
        Assert.Equal(["v"], box.Volumes);
        Assert.Equal(1, JsonDocument.Parse(box.Run("mounts", "--json").Ok().Out).RootElement.GetArrayLength());
    }

    [Fact]
    public void Seeded_files_keep_group_0_whatever_group_calls_and_the_store_has()
    {
        using var box = new Box();
        new Tree(new Dir("x"), new Text("x/f"), new Dir("x/d"), new Text("x/d/g")).Build(box.Root);
        box.Shell("$KVOL init >/dev/null; chgrp 100 store/volumes; chmod 2700 store/volumes; setpriv --regid 1000 --clear-groups $KVOL "
            + "mount $R v:/x").Ok();
        box.Umount().Ok();
        Manifest.Of(box.Root + "/x").MustEqual(Manifest.Of(box.Data("v")));
    }

    [Fact]
    public void A_hole_is_kept_in_a_file_with_space_reserved_behind_its_end()
    {
        using var box = new Box("ext4");
        box.Shell("mkdir $R/x; cd $R/x; truncate -s 8M f; dd if=/dev/zero of=f bs=4k count=1 seek=2047 conv=notrunc 2>/dev/null; "
            + "fallocate -n -o 8M -l 16M f").Ok();
        box.Mount("--no-clone", "v:/x").Ok();
        Assert.True(long.Parse(box.Shell("stat -c %b store/volumes/v/data/f").Ok().Out) < 100);
    }

    [Fact]
    public void A_foreign_mount_moved_on_top_is_another_source()
    {
        using var box = new Box();
        box.Mount("v:/x").Ok();
        box.Shell("mkdir m; mount -t tmpfs fo m; mount --move m $R/x").Ok();
        box.Mount("v:/x").Refused(75);
        Assert.Equal(2, box.Mounts.Count);
    }

    [Fact]
    public void A_second_mount_of_the_volume_with_other_options_is_not_a_duplicate()
    {
        using var box = new Box();
        box.Mount("v:/x").Ok();
        box.Shell("mount --bind store/volumes/v/data $R/x; mount -o remount,bind,ro $R/x").Ok();
        box.Mount("v:/x:ro").Ok();
        Assert.Equal(2, box.Mounts.Count);
    }
}
