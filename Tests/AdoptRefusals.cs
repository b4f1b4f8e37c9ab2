using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What adopt and release refuse, and the way out that they name.</summary>
public class AdoptRefusals
{
    [Fact]
    public void A_wrong_word_a_missing_place_and_a_taken_name_change_nothing()
    {
        using var box = new Box();
        var path = Adopts.Filled(box);
        box.MakeFile("file");
        box.Run("create", "taken").Ok();
        Sys.Mkdir(box.Store + "/volumes/web.d");
        var before = Manifest.Of(box.Top + "/d");
        box.Run("adopt", "/", "web").Refused(64, "/", "root of this host");
        box.Run("adopt", box.Top + "/none", "web").Refused(66, "none", "does not exist");
        box.Run("adopt", box.Top + "/none/x", "web").Refused(66, "none", "does not exist");
        box.Run("adopt", box.Top + "/file", "web").Refused(66, "file", "not a directory");
        box.Run("adopt", path, "a@b").Refused(64, "a@b");
        box.Run("adopt", path, "taken").Refused(73, "taken", "already exists");
        Assert.NotEqual(0, box.Run("adopt", path, "web.d").Exit);
        box.Run("adopt", path).Refused(64, "NAME");
        before.MustEqual(Manifest.Of(path));
        Assert.Equal(["taken", "web.d"], Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void A_link_at_the_end_or_on_the_way_is_refused_with_the_place_itself()
    {
        using var box = new Box();
        box.MakeDir("a");
        var path = Adopts.Filled(box, "a/d");
        Sys.Symlink(path, box.Top + "/link");
        Sys.Symlink("a", box.Top + "/way");
        box.Run("adopt", box.Top + "/link", "web").Refused(64, "link", path);
        box.Run("adopt", box.Top + "/way/d", "web").Refused(64, "way/d", path);
        box.Run("create", "v").Ok();
        box.Run("release", "v", box.Top + "/way/e").Refused(64, "way/e", box.Top + "/a/e");
        Assert.Equal(["d"], Sys.List(box.Top + "/a"));
        Assert.True(Sys.Exists(path + "/f"));
    }

    [Fact]
    public void A_store_what_holds_one_and_what_lies_in_one_are_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Mkdir(box.Data("v") + "/sub");
        box.Run("adopt", box.Top, "web").RefusedAny(64, 75);
        box.Run("adopt", box.Store, "web").Refused(64, "is the store");
        box.Run("adopt", box.Data("v"), "web").Refused(64, "lies in the store");
        box.Run("adopt", box.Store + "/volumes", "web").Refused(64, "lies in the store");
        box.Run("adopt", box.Data("v") + "/sub", "web").Refused(64, "lies in the store");
        var other = box.Top + "/other";
        box.Run("--root", other, "adopt", box.Store, "web").Refused(64, "is a store");
        box.Run("--root", other, "adopt", box.Data("v") + "/sub", "web").Refused(64, "lies in the store " + box.Store, "release");
        box.Run("--root", other, "adopt", box.Top + "/run", "web").Refused(64, "is the run directory");
        box.Run("release", "v", box.Store + "/x").Refused(64, "lies in the store");
        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void A_mount_point_a_directory_with_a_mount_and_a_mounted_directory_are_refused()
    {
        using var box = new Box();
        var path = Adopts.Filled(box);
        Sys.Mkdir(path + "/in");
        var there = box.MakeDir("there");
        Sys.BindMount(there, path + "/in");
        box.Run("adopt", path, "web").Refused(75, path + "/in", "umount");
        box.Run("adopt", path + "/in", "web").Refused(75, "is a mount point", "kvol seed");
        Sys.Unmount(path + "/in");
        Sys.BindMount(path + "/sub", there);
        box.Run("adopt", path, "web").Refused(75, "is mounted on " + there);
        Sys.Unmount(there);
        box.Run("adopt", path, "web").Ok();
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_mount_in_another_namespace_counts()
    {
        using var box = new Box();
        var path = Adopts.Filled(box);
        using (var holder = Holder.Start(path + "/sub", box.MakeDir("there")))
        {
            box.Run("adopt", path, "web").Refused(75, "mount namespace of pid", $"nsenter -t {holder.Pid} -m umount {box.Top}/there");
        }

        Sys.Mkdir(path + "/in");
        using (Holder.Start(box.Top + "/there", path + "/in"))
        {
            box.Run("adopt", path, "web").Refused(75, path + "/in", "mount namespace of pid");
        }

        Assert.True(Sys.Exists(path + "/f"));
    }

    [Theory]
    [InlineData("cd \"$1\"", "cwd")]
    [InlineData("exec 7<\"$1/f\"", "descriptor 7")]
    public void A_process_that_works_in_it_is_named(string holds, string place)
    {
        using var box = new Box();
        var path = Adopts.Filled(box);
        using (var child = box.StartShell(holds + "; echo >\"$2\"; exec sleep 1000", path, box.Top + "/ready"))
        {
            Adopts.WaitUntil(() => Sys.Exists(box.Top + "/ready"));
            box.Run("adopt", path, "web").Refused(75, $"pid {child.Pid}", place, $"kill {child.Pid}");
        }

        box.Run("adopt", path, "web").Ok();
        var ready = box.Top + "/again";
        using (var child = box.StartShell(holds + "; echo >\"$2\"; exec sleep 1000", box.Data("web"), ready))
        {
            Adopts.WaitUntil(() => Sys.Exists(ready));
            box.Run("release", "web", path).Refused(75, $"pid {child.Pid}", place);
        }

        box.Run("release", "web", path).Ok();
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_process_that_sees_it_under_another_path_counts()
    {
        using var box = new Box();
        var path = Adopts.Filled(box);
        box.MakeDir("copy");
        using var child = new Running("unshare", ["--mount", "--propagation", "private", "sh", "-c",
            "mount --bind \"$1\" \"$1/copy\" && cd \"$1/copy/d\" && : >\"$1/ready\" && exec sleep 1000", "sh", box.Top]);
        Adopts.WaitUntil(() => Sys.Exists(box.Top + "/ready"));
        box.Run("adopt", path, "web").Refused(75, $"pid {child.Pid}", "cwd");
    }

    [Fact]
    public void A_volume_that_is_used_or_has_snapshots_is_not_released()
    {
        using var box = new Box();
        box.MakeDir("root/a");
        var path = box.Top + "/d";
        box.Mount("v:/a").Ok();
        box.Run("release", "v", path).Refused(75, box.Root + "/a", "umount");
        box.Umount().Ok();
        box.Run("release", "v", box.Root).Refused(73, box.Root, "already exists");
        box.Run("release", "v", box.Top + "/none/d").Refused(66, "none");
        box.Run("release", "none", path).Refused(66, "none");
        box.Run("release", "v", "pool/x").Refused(64, "pool/x");
        box.Run("release", "--mountpoint", "/x", "v", path).Refused(64, "--mountpoint");
        using (var other = new Box("ext4"))
        {
            box.Run("release", "v", other.Top + "/d").Refused(64, "not on the file system", "copied: ", "kvol rm v");
        }

        Assert.Equal(["v"], box.Volumes);
        box.Run("release", "v", path).Ok();
        Assert.True(Sys.Exists(path));
    }

    [Fact]
    [Trait("System", "Linux")] // the stand-in cannot clone files
    public void Snapshots_would_be_lost_so_they_are_named()
    {
        using var box = new Box("xfs");
        box.Run("create", "v").Ok();
        box.Run("snapshot", "v@one").Ok();
        box.Run("release", "v", box.Top + "/d").Refused(75, "v@one", "kvol rm v@one");
        box.Run("rm", "v@one").Ok();
        box.Run("release", "v", box.Top + "/d").Ok();
    }

    [Fact]
    public void A_relative_path_needs_a_working_directory_that_a_text_can_name()
    {
        using var box = new Box();
        var tried = box.Shell("""
            mkdir -p "$(printf 'd\377')/x" "$(printf 'd\357\277\275')/x/mine"
            cd "$(printf 'd\377')"
            "$KVOL" adopt ./x v; echo "$?"; "$KVOL" mount ./x v:/m; echo "$?"; "$KVOL" adopt "$OLDPWD/nowhere" v; echo "$?"
            """);
        Assert.Equal("64\n64\n66\n", tried.Out);
        Assert.Contains("working directory", tried.Err, StringComparison.Ordinal);
        Assert.Empty(box.Volumes);
        Assert.Empty(MountInfo.Below(box.Top + "/d"));
    }
}
